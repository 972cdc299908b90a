/*
 * Reader (see reader.h).
 */
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pcapng-read.h"
#include "verbs.h"

#define CHUNK 65536

struct reader {
	const char *path; /* borrowed */
	int fd, watch;    /* watch -1: the end is the end */
	struct pcapng_reader *pcapng;
	uint64_t records, foreign;
	uint32_t foreign_type; /* of the first of them */
	uint8_t chunk[CHUNK];
};

static int open_watch(const char *path)
{
	int watch = inotify_init1(IN_CLOEXEC);

	if (watch < 0)
		return -errno;
	if (inotify_add_watch(watch, path, IN_MODIFY | IN_ATTRIB) < 0) {
		int r = -errno;
		close(watch);
		return r;
	}
	return watch;
}

int reader_open(const char *path, bool follow, struct reader **ret)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	bool is_stdin = strcmp(path, "-") == 0;

	if (!reader)
		return -ENOMEM;
	*reader = (struct reader){ .path = path, .fd = -1, .watch = -1 };
	int r = pcapng_reader_new(&reader->pcapng);
	if (r == 0) {
		reader->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
		r = reader->fd < 0 ? -errno : 0;
	}
	if (r == 0 && follow && !is_stdin) {
		reader->watch = open_watch(path);
		r = reader->watch < 0 ? reader->watch : 0;
	}
	if (r < 0) {
		reader_close(reader);
		return r;
	}
	*ret = reader;
	return 0;
}

struct reader *reader_close(struct reader *reader)
{
	if (!reader)
		return NULL;
	if (reader->fd > STDIN_FILENO)
		close(reader->fd);
	if (reader->watch >= 0)
		close(reader->watch);
	pcapng_reader_free(reader->pcapng);
	free(reader);
	return NULL;
}

/* Waits until something happens to the file. 1: look again; 0: it is gone. */
static int wait_for_more(struct reader *reader)
{
	char events[4096];
	struct stat now;

	/* who reads what is printed shall see it meanwhile */
	fflush(stdout);
	if (read(reader->watch, events, sizeof(events)) < 0 && errno != EINTR)
		return -errno;
	/* we have it open: that it was deleted shows in its links alone */
	return fstat(reader->fd, &now) < 0 || now.st_nlink > 0;
}

/* Reads on. 1: there is more; 0: the end. */
static int read_on(struct reader *reader)
{
	bool last = false;

	for (;;) {
		ssize_t size = read(reader->fd, reader->chunk, sizeof(reader->chunk));
		if (size < 0 && errno != EINTR)
			return -errno;
		if (size > 0) {
			int r = pcapng_push(reader->pcapng,
					    (struct qk_span){ reader->chunk, (size_t)size });
			return r < 0 ? r : 1;
		}
		if (size == 0 && (reader->watch < 0 || last))
			return 0;
		if (size == 0) {
			int r = wait_for_more(reader);
			if (r < 0)
				return r;
			/* what was written before it went is still there to be read */
			last = r == 0;
		}
	}
}

/* Whether a packet is a record; others are counted. */
static bool is_record(struct reader *reader, const struct pcapng_packet *packet, struct entry *ret)
{
	if (packet->link_type != QK_LINK_TYPE || entry_read(packet->data, ret) < 0) {
		if (!reader->foreign++)
			reader->foreign_type = packet->link_type;
		return false;
	}
	ret->number = ++reader->records;
	ret->time_nsec = packet->time_nsec;
	return true;
}

int reader_next(struct reader *reader, struct entry *ret)
{
	struct pcapng_packet packet;

	for (;;) {
		int r = pcapng_next(reader->pcapng, &packet);
		if (r < 0)
			return r;
		if (r > 0) {
			if (is_record(reader, &packet, ret))
				return 1;
			continue;
		}
		r = read_on(reader);
		if (r < 0)
			return r;
		if (r == 0)
			return pcapng_end(reader->pcapng);
	}
}

int reader_report(const struct reader *reader, int r)
{
	fflush(stdout);
	if (r == -EBADMSG)
		fprintf(stderr, "error: %s: %s; %" PRIu64 " records came before\n", reader->path,
			pcapng_error(reader->pcapng), reader->records);
	else if (r < 0)
		fprintf(stderr, "error: %s: %s\n", reader->path, strerror(-r));
	else if (!reader->records && reader->foreign)
		fprintf(stderr,
			"error: %s: none of its %" PRIu64
			" packets is a QMI record; the first has link type %u\n",
			reader->path, reader->foreign, reader->foreign_type);
	else if (reader->foreign)
		fprintf(stderr, "warning: %s: %" PRIu64 " packets are no QMI records\n",
			reader->path, reader->foreign);
	return r < 0 || (!reader->records && reader->foreign) ? QK_TRACE_FAILED : 0;
}
