/*
 * PLMN: three digits of the country and two or three of the network, the lower half of a byte first.
 */
#include "plmn.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NO_DIGIT 0xf

int qk_plmn_read(const uint8_t bytes[QK_PLMN_SIZE], struct qk_plmn *ret)
{
	const uint8_t digits[] = { bytes[0] & 0xf, bytes[0] >> 4, bytes[1] & 0xf,
				   bytes[2] & 0xf, bytes[2] >> 4, bytes[1] >> 4 };

	for (size_t i = 0; i < sizeof(digits); i++)
		if (digits[i] > 9 && !(i == 5 && digits[i] == NO_DIGIT))
			return -EBADMSG;
	ret->mcc = (uint16_t)(digits[0] * 100 + digits[1] * 10 + digits[2]);
	ret->mnc = (uint16_t)(digits[3] * 10 + digits[4]);
	ret->mnc_digits = digits[5] == NO_DIGIT ? 2 : 3;
	if (ret->mnc_digits == 3)
		ret->mnc = (uint16_t)(ret->mnc * 10 + digits[5]);
	return 0;
}

void qk_plmn_write(const struct qk_plmn *plmn, uint8_t ret[QK_PLMN_SIZE])
{
	unsigned int mnc = plmn->mnc, last = NO_DIGIT;

	if (plmn->mnc_digits == 3) {
		last = mnc % 10;
		mnc /= 10;
	}
	ret[0] = (uint8_t)(plmn->mcc / 100 % 10 | plmn->mcc / 10 % 10 << 4);
	ret[1] = (uint8_t)(plmn->mcc % 10u | last << 4);
	ret[2] = (uint8_t)(mnc / 10 % 10 | mnc % 10 << 4);
}

size_t qk_plmn_list_read(struct qk_span file, struct qk_plmn *ret, uint16_t *acts, size_t max)
{
	size_t step = acts ? QK_PLMN_ACT_SIZE : QK_PLMN_SIZE, count = 0;

	for (size_t at = 0; at + step <= file.size && count < max; at += step) {
		const uint8_t *entry = file.data + at;

		if (qk_plmn_read(entry, &ret[count]) < 0)
			continue;
		if (acts)
			acts[count] = (uint16_t)(entry[3] << 8 | entry[4]);
		count++;
	}
	return count;
}

bool qk_plmn_equal(const struct qk_plmn *a, const struct qk_plmn *b)
{
	return a->mcc == b->mcc && a->mnc == b->mnc && (a->mnc_digits == 3) == (b->mnc_digits == 3);
}

void qk_plmn_text(const struct qk_plmn *plmn, char ret[7])
{
	snprintf(ret, 7, plmn->mnc_digits == 3 ? "%03u%03u" : "%03u%02u", plmn->mcc % 1000u,
		 plmn->mnc % 1000u);
}
