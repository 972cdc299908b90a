/*
 * Fuzz target: bytes that a modem calls text, as GSM 7-bit, as UCS-2 and as UTF-8. What comes out is
 * UTF-8, is ended by 0 and needs as much room as was said; a short buffer only cuts it.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/3gpp/gsm7.h"
#include "lib/3gpp/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int (*convert)(struct qk_span, char *, size_t), struct qk_span text)
{
	char whole[4096], cut[7];
	int needed = convert(text, whole, sizeof(whole));

	if (needed < 0)
		return;
	if ((size_t)needed < sizeof(whole) &&
	    (strlen(whole) > (size_t)needed ||
	     qk_utf8_valid((struct qk_span){ (uint8_t *)whole, strlen(whole) }) != strlen(whole)))
		abort();
	if (convert(text, cut, sizeof(cut)) != needed || strlen(cut) >= sizeof(cut))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qk_span text = { data, size };

	check(qk_gsm7_to_utf8, text);
	check(qk_ucs2_to_utf8, text);
	if (qk_utf8_valid(text) > size)
		abort();
	return 0;
}
