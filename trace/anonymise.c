/*
 * The verb anonymise (see anonymise.h).
 */
#include "anonymise.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "pcapng-write.h"
#include "personal.h"
#include "reader.h"
#include "verbs.h"

struct copy {
	struct personal personal;
	struct pairing *pairing;
	FILE *out; /* NULL in the first of the two rounds, which learns */
	uint8_t *bytes;
	size_t room, count;
};

/* A copy of the record that may be written to. */
static int own_bytes(struct copy *copy, struct entry *entry)
{
	size_t tlvs = entry->has_frame ? (size_t)(entry->frame.tlvs.data - entry->bytes.data) : 0;

	if (entry->bytes.size > copy->room) {
		uint8_t *grown = realloc(copy->bytes, entry->bytes.size);
		if (!grown)
			return -ENOMEM;
		copy->bytes = grown;
		copy->room = entry->bytes.size;
	}
	if (!entry->bytes.size)
		return 0;
	memcpy(copy->bytes, entry->bytes.data, entry->bytes.size);
	entry->bytes.data = copy->bytes;
	if (entry->has_frame)
		entry->frame.tlvs.data = copy->bytes + tlvs;
	return 0;
}

static int write_entry(FILE *out, const struct entry *entry)
{
	struct qk_link_header link = {
		.transport = entry->transport,
		.from_modem = entry->from_modem,
		.service = entry->has_frame && entry->transport == QK_LINK_QMUX
				   ? QK_LINK_SERVICE_UNKNOWN
				   : entry->service,
		.pid = entry->pid,
		.connection = entry->connection,
		.node = entry->node,
		.port = entry->port,
	};
	uint8_t header[QK_LINK_MAX], before[QK_PCAPNG_BEFORE], after[QK_PCAPNG_AFTER];

	memcpy(link.process, entry->process, sizeof(link.process));
	snprintf(link.device, sizeof(link.device), "%s", entry->device);
	size_t header_size = qk_link_header_write(&link, header);
	struct qk_pcapng_packet packet = { entry->time_nsec, entry->from_modem,
					   header_size + entry->bytes.size };
	size_t after_size = qk_pcapng_around(&packet, before, after);
	fwrite(before, 1, sizeof(before), out);
	fwrite(header, 1, header_size, out);
	fwrite(entry->bytes.data, 1, entry->bytes.size, out);
	return fwrite(after, 1, after_size, out) == after_size ? 0 : -EIO;
}

static int copy_entry(struct copy *copy, struct entry *entry)
{
	struct pairing_request request;
	int paired = pairing_see(copy->pairing, entry, &request);
	int r = paired < 0 ? paired : own_bytes(copy, entry);

	if (r == 0)
		r = personal_see(&copy->personal, entry, paired ? &request : NULL);
	if (r == 0 && copy->out)
		r = write_entry(copy->out, entry);
	copy->count += copy->out && r == 0;
	return r;
}

/* One round over the file: the exit status. */
static int copy_round(struct copy *copy, const char *in)
{
	struct reader *reader;
	struct entry entry;
	int r = reader_open(in, false, &reader);

	if (r < 0) {
		fprintf(stderr, "error: %s: %s\n", in, strerror(-r));
		return QK_TRACE_FAILED;
	}
	copy->personal.replace = copy->out;
	r = pairing_new(&copy->pairing);
	while (r == 0 && (r = reader_next(reader, &entry)) > 0)
		r = copy_entry(copy, &entry);
	/* what breaks is told once, by the second round */
	int status = copy->out || (r < 0 && r != -EBADMSG) ? reader_report(reader, r) : 0;
	copy->pairing = pairing_free(copy->pairing);
	reader_close(reader);
	return status;
}

static FILE *create(const char *path)
{
	uint8_t head[QK_PCAPNG_HEAD];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (!out)
		return NULL;
	qk_pcapng_head(head);
	fwrite(head, 1, sizeof(head), out);
	return out;
}

int anonymise_file(const char *in, const char *out, bool luhn)
{
	struct copy copy = { 0 };
	int r = scrub_new(luhn, &copy.personal.scrub);
	int status = r < 0 ? QK_TRACE_FAILED : copy_round(&copy, in);

	if (r < 0)
		fprintf(stderr, "error: %s\n", strerror(-r));
	if (!status) {
		copy.out = create(out);
		if (copy.out)
			status = copy_round(&copy, in);
		if (!copy.out || (fclose(copy.out) == EOF && !status)) {
			fprintf(stderr, "error: %s: %s\n", out, strerror(errno));
			status = QK_TRACE_FAILED;
		}
	}
	if (!status)
		printf("%zu records; %zu numbers and words are others wherever they stand\n",
		       copy.count, scrub_count(copy.personal.scrub));
	scrub_free(copy.personal.scrub);
	free(copy.bytes);
	return status;
}

int qk_trace_anonymise(int argc, char **argv)
{
	static const struct options_wanted wanted = { "anonymise", "imei-luhn",
						      "IN OUT [OPTION...]", 2, 2 };
	struct options options;
	int r = options_read(&wanted, argc, argv, &options);

	if (r)
		return r < 0 ? QK_TRACE_USAGE : 0;
	return anonymise_file(options.files[0], options.files[1], options.luhn);
}
