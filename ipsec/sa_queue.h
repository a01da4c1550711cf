/*
 * SAs that wait for the ASP to do something about them: first come, first
 * served, each at most once in a queue. The SAD owns SAs and queues.
 */
#ifndef SA_QUEUE_H
#define SA_QUEUE_H

struct esp_sa;

enum sa_queue_kind { SA_QUEUE_WANT, SA_QUEUE_EVENT, SA_QUEUES };

struct sa_queue {
	enum sa_queue_kind kind; /* which link of the SA it uses */
	struct esp_sa *first;
	struct esp_sa *last;
};

/* The SA is not in it. */
void sa_queue_push(struct sa_queue *queue, struct esp_sa *sa);

/* NULL when it is empty. */
struct esp_sa *sa_queue_pop(struct sa_queue *queue);

/* Does nothing when the SA is not in it. */
void sa_queue_remove(struct sa_queue *queue, const struct esp_sa *sa);

#endif
