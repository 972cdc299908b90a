/* AT hex: digits of either case, and nothing else. */
#include "at-hex.h"

#include <errno.h>

static int digit_of(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

int at_hex_read(const char *text, size_t size, uint8_t *ret, size_t ret_size)
{
	if (size % 2)
		return -EBADMSG;
	if (size / 2 > ret_size)
		return -EMSGSIZE;
	for (size_t i = 0; i < size; i += 2) {
		int high = digit_of(text[i]), low = digit_of(text[i + 1]);

		if (high < 0 || low < 0)
			return -EBADMSG;
		ret[i / 2] = (uint8_t)(high << 4 | low);
	}
	return (int)(size / 2);
}
