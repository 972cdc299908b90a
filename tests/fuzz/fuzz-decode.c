/*
 * Fuzz target: a line that somebody says is a frame in hex. The first byte chooses the transport, the
 * second the service of what does not tell it, the third text or JSON and a vendor; the rest is the line.
 *
 * What must hold: no read outside it, and what is said of it is one line of JSON, or some of text.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_output(const char *text, size_t size, bool json)
{
	require(size && text[size - 1] == '\n');
	if (!json)
		return;
	json_t *object = json_loadb(text, size, JSON_ALLOW_NUL, NULL);
	require(object && json_object_get(object, "number"));
	require(!json_object_get(object, "error") != !json_object_get(object, "tlvs"));
	require(memchr(text, '\n', size) == text + size - 1);
	json_decref(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t vendors[] = { 0x03f0, 0x0489, 0x0490, 0x1199 };

	if (size < 3)
		return 0;
	struct options options = { .json = data[2] & 1,
				   .transport = (uint8_t)(QK_LINK_QMUX + data[0] % 4),
				   .service = data[1] == 0xfe   ? 0x190
					      : data[1] == 0xfd ? 0x302
								: data[1] };
	options.vendors.ids[0] = vendors[data[2] >> 1 & 3];
	options.vendors.count = data[2] >> 3 & 1;
	char *text = NULL, *line = malloc(size);
	size_t text_size = 0;
	struct printer printer = { .out = open_memstream(&text, &text_size),
				   .json = options.json,
				   .unmask = true };

	require(printer.out && line);
	memcpy(line, data + 3, size - 3);
	int r = decode_line(&options, &printer, 1, line, size - 3);
	require(r == 0 || r == 1);
	fclose(printer.out);
	check_output(text, text_size, options.json);
	printer_done(&printer);
	free(line);
	free(text);
	return 0;
}
