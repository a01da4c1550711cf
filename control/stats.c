/*
 * The memory that a processor counts in and the chassis reads. Sealed, so that
 * nobody can shrink it under the other's feet (a shrunk map is a SIGBUS), and
 * not reserved, so that rows never touched cost nothing. The chassis makes it
 * and keeps it beyond the processor's death; nothing here counts.
 */
#include "stats.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

int
stats_map(int fd, struct stats **stats)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (st.st_size != (off_t)sizeof(struct stats) ||
	    (fcntl(fd, F_GET_SEALS) & SEALS) != SEALS)
		return -EINVAL;
	p = mmap(NULL, sizeof(struct stats), PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	*stats = p;
	return 0;
}

int
stats_new(int *fd, struct stats **stats)
{
	int file = memfd_create("sesim-stats", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int error;

	if (file < 0)
		return -errno;
	if (ftruncate(file, (off_t)sizeof(struct stats)) != 0 ||
	    fcntl(file, F_ADD_SEALS, SEALS) != 0)
		error = -errno;
	else
		error = stats_map(file, stats);
	if (error != 0) {
		(void)close(file);
		return error;
	}
	*fd = file;
	return 0;
}

void
stats_unmap(struct stats **stats)
{
	if (*stats != NULL)
		(void)munmap(*stats, sizeof(struct stats));
	*stats = NULL;
}
