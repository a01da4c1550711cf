/*
 * Why a capture could not be opened, read or written, as one sentence for
 * people. It begins with the file's name.
 */
#ifndef CAP_ERROR_H
#define CAP_ERROR_H

#define CAP_ERROR_MAX 512

struct cap_error {
	char text[CAP_ERROR_MAX];
};

/* Writes the sentence (err may be NULL) and returns error, for one-line use. */
int cap_error_set(struct cap_error *err, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
