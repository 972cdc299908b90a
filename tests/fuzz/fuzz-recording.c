/*
 * Fuzz target: a file that somebody says is a recording: its blocks, the link header of each packet and
 * the message in it, as text, as JSON and with personal fields hidden, and made anonymous.
 *
 * What must hold for any bytes: no read outside them; the same packets whether the file comes at once or
 * in pieces; what is made anonymous is a message of the same kind and the same TLVs, to be learnt from again.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/pairing.h"
#include "trace/pcapng-read.h"
#include "trace/personal.h"
#include "trace/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* Learns from a record and replaces in a copy of it. */
static void anonymise(const struct entry *entry, const struct pairing_request *request)
{
	struct personal personal = { 0 };
	struct entry copy = *entry, again;
	uint8_t *bytes = malloc(entry->bytes.size + 1);

	require(bytes && scrub_new(true, &personal.scrub) == 0);
	if (entry->bytes.size)
		memcpy(bytes, entry->bytes.data, entry->bytes.size);
	copy.bytes.data = bytes;
	if (copy.has_frame)
		copy.frame.tlvs.data = bytes + (entry->frame.tlvs.data - entry->bytes.data);
	require(personal_see(&personal, &copy, request) == 0);
	require(!entry->bytes.size || !memcmp(bytes, entry->bytes.data, entry->bytes.size));
	personal.replace = true;
	require(personal_see(&personal, &copy, request) == 0);
	entry_of_bytes(entry->transport, entry->service, copy.bytes, &again);
	if (entry->has_frame && entry->transport == QK_LINK_QMUX)
		require(again.has_frame && again.message == entry->message &&
			again.frame.tlvs.size == entry->frame.tlvs.size);
	scrub_free(personal.scrub);
	free(bytes);
}

static void show(const struct pcapng_packet *packet, struct pairing *pairing, FILE *out)
{
	struct printer text = { .out = out }, json = { .out = out, .json = true };
	struct pairing_request request;
	struct entry entry;

	if (entry_read(packet->data, &entry) < 0)
		return;
	int paired = pairing_see(pairing, &entry, &request);
	require(paired >= 0);
	require(printer_show(&text, &entry, paired ? &request : NULL) == 0);
	require(printer_show(&json, &entry, paired ? &request : NULL) == 0);
	anonymise(&entry, paired ? &request : NULL);
	printer_done(&text);
	printer_done(&json);
}

static size_t read_all(struct pcapng_reader *reader, struct pairing *pairing, FILE *out)
{
	struct pcapng_packet packet;
	size_t count = 0;

	for (; pcapng_next(reader, &packet) > 0; count++)
		if (pairing)
			show(&packet, pairing, out);
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pcapng_reader *whole = NULL, *pieces = NULL;
	struct pairing *pairing = NULL;
	size_t piece = size ? 1 + data[size - 1] : 1, count = 0;
	FILE *out = fopen("/dev/null", "we");

	require(out && pcapng_reader_new(&whole) == 0 && pcapng_reader_new(&pieces) == 0 &&
		pairing_new(&pairing) == 0);
	require(pcapng_push(whole, (struct qk_span){ data, size }) == 0);
	for (size_t at = 0; at < size; at += piece) {
		size_t left = size - at < piece ? size - at : piece;
		require(pcapng_push(pieces, (struct qk_span){ data + at, left }) == 0);
		count += read_all(pieces, NULL, NULL);
	}
	require(read_all(whole, pairing, out) == count);
	require(pcapng_end(whole) == pcapng_end(pieces));
	require(strcmp(pcapng_error(whole), pcapng_error(pieces)) == 0);
	pairing_free(pairing);
	pcapng_reader_free(whole);
	pcapng_reader_free(pieces);
	fclose(out);
	return 0;
}
