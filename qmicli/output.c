/*
 * The text buffer, and its way to stdout.
 */
#include "output.h"

#include <errno.h>
#include <iconv.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/3gpp/utf8.h"

enum { FIRST_SIZE = 1024 };

char *output_room(struct output *out, size_t size)
{
	if (out->failed)
		return NULL;
	if (out->size - out->used <= size) {
		size_t wanted = (out->size ? out->size * 2 : FIRST_SIZE) + size;
		char *data = realloc(out->data, wanted);

		if (!data) {
			out->failed = true;
			return NULL;
		}
		out->data = data;
		out->size = wanted;
	}
	return out->data + out->used;
}

void output_add(struct output *out, const char *text, size_t size)
{
	char *room = output_room(out, size);

	if (!room)
		return;
	memcpy(room, text, size);
	room[size] = 0;
	out->used += size;
}

void output_vprintf(struct output *out, const char *format, va_list arguments)
{
	va_list again;

	va_copy(again, arguments);
	int size = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (size < 0) {
		out->failed = true;
		return;
	}

	char *room = output_room(out, (size_t)size);

	if (!room)
		return;
	vsnprintf(room, (size_t)size + 1, format, arguments);
	out->used += (size_t)size;
}

void output_printf(struct output *out, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	output_vprintf(out, format, arguments);
	va_end(arguments);
}

static bool is_ascii(const struct output *out)
{
	for (size_t i = 0; i < out->used; i++)
		if ((unsigned char)out->data[i] >= 0x80)
			return false;
	return true;
}

/* The character set that stdout wants. CHARSET overrides it, as it does in GLib. */
static const char *charset(void)
{
	const char *forced = getenv("CHARSET");

	if (forced && *forced)
		return forced;
	setlocale(LC_CTYPE, "");
	return nl_langinfo(CODESET);
}

/* One character in another set, or '?'. */
static void convert_one(iconv_t to, uint32_t character, struct output *ret)
{
	char utf8[4], bytes[16], *in = utf8, *end = bytes;
	size_t left = qk_utf8_put(character, utf8), room = sizeof(bytes);

	if (to == (iconv_t)-1 || iconv(to, &in, &left, &end, &room) == (size_t)-1 || left)
		output_add(ret, "?", 1);
	else
		output_add(ret, bytes, sizeof(bytes) - room);
}

static void convert(struct output *out, const char *set)
{
	struct output converted = { 0 };
	struct qk_span rest = { (const uint8_t *)out->data, out->used };
	iconv_t to = iconv_open(set, "UTF-8");
	uint32_t character;

	while (rest.size) {
		if (*rest.data < 0x80) {
			output_add(&converted, (const char *)rest.data, 1);
			rest = (struct qk_span){ rest.data + 1, rest.size - 1 };
		} else if (qk_utf8_next(&rest, &character)) {
			convert_one(to, character, &converted);
		} else {
			output_add(&converted, "?", 1);
			rest = (struct qk_span){ rest.data + 1, rest.size - 1 };
		}
	}
	if (to != (iconv_t)-1)
		iconv_close(to);
	output_done(out);
	*out = converted;
}

int output_write(struct output *out, FILE *stream)
{
	/* Most text is ASCII: the locale costs time and memory that such a run need not pay. */
	if (!out->failed && !is_ascii(out)) {
		const char *set = charset();

		if (strcasecmp(set, "UTF-8") && strcasecmp(set, "UTF8"))
			convert(out, set);
	}
	if (out->failed)
		return -ENOMEM;

	if (!out->used)
		return 0;

	size_t written = fwrite(out->data, 1, out->used, stream);
	bool short_write = written < out->used;

	out->used = 0;
	if (short_write || fflush(stream))
		return errno ? -errno : -EIO;
	return 0;
}

void output_done(struct output *out)
{
	free(out->data);
	*out = (struct output){ 0 };
}
