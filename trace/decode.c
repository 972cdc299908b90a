/*
 * The verb decode: frames as hex on standard input, one a line, each as one record.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "print.h"
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
static int read_hex(char *line, struct qk_span *ret)
{
	uint8_t *bytes = (uint8_t *)line;
	size_t size = 0;

	for (const char *at = line; *at;) {
		if (strchr(" \t\r\n:,", *at)) {
			at++;
			continue;
		}
		if (at[0] == '0' && (at[1] | 0x20) == 'x' && hex_digit(at[2]) >= 0) {
			at += 2;
			continue;
		}
		int high = hex_digit(at[0]), low = high < 0 ? -1 : hex_digit(at[1]);
		if (low < 0)
			return -EINVAL;
		bytes[size++] = (uint8_t)(high << 4 | low);
		at += 2;
	}
	*ret = (struct qk_span){ bytes, size };
	return 0;
}

/* What cannot be decoded is told in its place, so that one line in is one record out. */
static void tell(const struct options *options, uint64_t number, const char *what)
{
	if (options->json)
		printf("{\"number\":%llu,\"error\":\"%s\"}\n", (unsigned long long)number, what);
	else
		printf("#%llu %s\n", (unsigned long long)number, what);
}

/* 1: done; 0: the line cannot be decoded; -ENOMEM. */
static int decode_line(const struct options *options, struct printer *printer, uint64_t number,
		       char *line)
{
	struct qk_span bytes;
	struct entry entry;
	struct qk_frame frame;

	if (read_hex(line, &bytes) < 0 || !bytes.size) {
		tell(options, number, "no bytes in hex");
		return 0;
	}
	if (options->transport == QK_LINK_QMUX) {
		int size = qk_frame_read(bytes, &frame, NULL);
		if (size <= 0) {
			tell(options, number,
			     size ? "no QMUX frame" : "a QMUX frame that is cut off");
			return 0;
		}
		if ((size_t)size < bytes.size) {
			tell(options, number, "a QMUX frame with bytes behind it");
			return 0;
		}
	}
	entry_of_bytes(options->transport, options->service, bytes, &entry);
	entry.number = number;
	int r = printer_show(printer, &entry, NULL);
	return r < 0 ? r : entry.has_frame;
}

static int decode_all(const struct options *options, struct printer *printer)
{
	char *line = NULL;
	size_t room = 0;
	uint64_t number = 0;
	int r = 1;

	while (getline(&line, &room, stdin) >= 0) {
		if (!line[strspn(line, " \t\r\n")])
			continue;
		int decoded = decode_line(options, printer, ++number, line);
		if (decoded < 0) {
			r = decoded;
			break;
		}
		r &= decoded;
		fflush(stdout);
	}
	free(line);
	return r;
}

int qk_trace_decode(int count, char **arguments)
{
	static const struct options_wanted wanted = { "decode", "json transport of-service",
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
