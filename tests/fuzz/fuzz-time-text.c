/*
 * Fuzz target: the time as a modem tells it on an AT port. What is taken must be a time that can be written.
 */
#include <stdlib.h>
#include <string.h>

#include "manager/time-text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { TEXT_MAX = 256 };
	char answer[TEXT_MAX + 1], text[64];
	struct time_told told;

	if (size > TEXT_MAX)
		size = TEXT_MAX;
	memcpy(answer, data, size);
	answer[size] = 0;
	if (!time_from_at(answer, &told))
		return 0;
	if (told.utc < 0 || told.quarters < -56 || told.quarters > 56)
		abort();
	time_text(told.utc, told.quarters, text, sizeof(text));
	if (strlen(text) < 20)
		abort();
	return 0;
}
