/*
 * The verb decode: frames as hex on standard input, one a line, each as one record (see decode.h).
 */
#include "decode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "decoded.h"
#include "verbs.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes of a line, in its place. Blanks, colons and commas may stand between them, and "0x" before.
 * -EINVAL: it has something else, or half a byte. */
static int read_hex(char *line, size_t size, struct qk_span *ret)
{
	uint8_t *bytes = (uint8_t *)line;
	size_t used = 0;

	for (size_t at = 0; at < size;) {
		char next = at + 1 < size ? line[at + 1] : 0;
		if (line[at] && strchr(" \t\r\n:,", line[at])) {
			at++;
			continue;
		}
		if (line[at] == '0' && (next | 0x20) == 'x' && at + 2 < size &&
		    hex_digit(line[at + 2]) >= 0) {
			at += 2;
			continue;
		}
		int high = hex_digit(line[at]), low = hex_digit(next);
		if (high < 0 || low < 0)
			return -EINVAL;
		bytes[used++] = (uint8_t)(high << 4 | low);
		at += 2;
	}
	*ret = (struct qk_span){ bytes, used };
	return 0;
}

static void tell(const struct options *options, struct printer *printer, uint64_t number,
		 const char *what)
{
	fprintf(printer->out, options->json ? "{\"number\":%llu,\"error\":\"%s\"}\n" : "#%llu %s\n",
		(unsigned long long)number, what);
}

static int show_json(struct printer *printer, const struct entry *entry)
{
	json_t *object = decoded_to_json(&printer->decoder, entry);
	int r = object ? json_dumpf(object, printer->out, JSON_COMPACT) : -ENOMEM;

	json_decref(object);
	fputs("\n", printer->out);
	return r < 0 ? -ENOMEM : 0;
}

/* What is wrong with bytes that should be one QMUX frame; NULL: nothing. */
static const char *fault_of(struct qk_span bytes)
{
	struct qk_frame frame;
	int size = qk_frame_read(bytes, &frame, NULL);

	if (size <= 0)
		return size ? "no QMUX frame" : "a QMUX frame that is cut off";
	return (size_t)size < bytes.size ? "a QMUX frame with bytes behind it" : NULL;
}

int decode_line(const struct options *options, struct printer *printer, uint64_t number, char *line,
		size_t size)
{
	const char *fault = NULL;
	struct qk_span bytes = { NULL, 0 };
	struct entry entry = { 0 };

	if (size > DECODE_LINE_MAX)
		fault = "more than a frame";
	else if (read_hex(line, size, &bytes) < 0 || !bytes.size)
		fault = "no bytes in hex";
	else if (options->transport == QK_LINK_QMUX)
		fault = fault_of(bytes);
	if (!fault) {
		entry_of_bytes(options->transport, options->service, bytes, &entry);
		entry.number = number;
		entry_of_vendors(&entry, &options->vendors);
		/* the name service of qmuxd speaks too, which is no QMI */
		if (!entry.has_frame)
			fault = *entry.note ? entry.note : "no QMI message";
	}
	if (fault) {
		tell(options, printer, number, fault);
		return 0;
	}
	int r = options->json ? show_json(printer, &entry) : printer_show(printer, &entry, NULL);
	return r < 0 ? r : 1;
}

/* The next line, of which at most one character more than DECODE_LINE_MAX is kept. False at the end. */
static bool next_line(FILE *in, char *line, size_t *ret_size)
{
	size_t size = 0;
	int c;

	while ((c = getc_unlocked(in)) != EOF && c != '\n')
		if (size <= DECODE_LINE_MAX)
			line[size++] = (char)c;
	*ret_size = size;
	return c != EOF || size;
}

static bool is_blank(const char *line, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
			return false;
	return true;
}

static int decode_all(const struct options *options, struct printer *printer)
{
	char *line = malloc(DECODE_LINE_MAX + 1);
	uint64_t number = 0;
	size_t size;
	int r = line ? 1 : -ENOMEM;

	while (r >= 0 && next_line(stdin, line, &size)) {
		if (is_blank(line, size))
			continue;
		int decoded = decode_line(options, printer, ++number, line, size);
		r = decoded < 0 ? decoded : r & decoded;
		if (fflush(printer->out) == EOF)
			r = -errno;
	}
	free(line);
	return r;
}

int qk_trace_decode(int count, char **arguments)
{
	static const struct options_wanted wanted = { "decode", "json transport of-service vendor",
						      "[OPTION...] <HEX", 0, 0 };
	struct options options;
	int r = options_read(&wanted, count, arguments, &options);

	if (r)
		return r < 0 ? QK_TRACE_USAGE : 0;
	/* who has the bytes in hand has nothing to be kept from */
	struct printer printer = { .out = stdout, .json = options.json, .unmask = true };
	r = decode_all(&options, &printer);
	printer_done(&printer);
	if (r == 1)
		return 0;
	fprintf(stderr, "error: %s\n", r < 0 ? strerror(-r) : "not every line is a QMI message");
	return QK_TRACE_FAILED;
}
