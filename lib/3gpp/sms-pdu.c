/*
 * SMS PDU: fields of 3GPP TS 23.040, read with the cursor and written with the writer.
 */
#include "sms-pdu.h"

#include <errno.h>
#include <string.h>

enum {
	MTI_MASK = 0x03,
	BIT_MORE = 0x04, /* deliver, report; in a submit it rejects duplicates */
	BIT_LOOP = 0x08,
	VALIDITY_SHIFT = 3,
	BIT_REPORT = 0x20,
	BIT_HEADER = 0x40,
	BIT_REPLY_PATH = 0x80,

	ADDRESS_TEXT = 0x50, /* of the bits 0x70: the type of number */
	ADDRESS_TYPE_BITS = 0x70,
	ADDRESS_INTERNATIONAL = 0x10,
	TYPE_INTERNATIONAL = 0x91,
	TYPE_UNKNOWN = 0x81,
	TYPE_TEXT = 0xd0,
	DIGITS_MAX = 20,
	SMSC_OCTETS_MAX = 12, /* with the length */

	PARAMETER_PID = 0x01,
	PARAMETER_DCS = 0x02,
	PARAMETER_DATA = 0x04,
	RECORD_FILLER = 0xff,

	ELEMENT_PARTS = 0x00,
	ELEMENT_PORTS_8 = 0x04,
	ELEMENT_PORTS = 0x05,
	ELEMENT_PARTS_16 = 0x08,
	ELEMENT_SINGLE_SHIFT = 0x24,
	ELEMENT_LOCKING_SHIFT = 0x25,
};

static const char digits[] = "0123456789*#abc";
#define FILLER 0x0f

static uint8_t take_octet(struct qk_cursor *c)
{
	return (uint8_t)qk_cursor_uint(c, 1, false);
}

/* --- addresses */

static void read_digits(struct qk_span octets, size_t count, struct qk_sms_address *ret)
{
	char *to = ret->text;

	if ((ret->type & ADDRESS_TYPE_BITS) == ADDRESS_INTERNATIONAL)
		*to++ = '+';
	for (size_t i = 0; i < count; i++) {
		uint8_t nibble = octets.data[i / 2] >> (i % 2 ? 4 : 0) & 0x0f;
		if (nibble == FILLER)
			break;
		*to++ = digits[nibble];
	}
	*to = 0;
}

static int read_address(struct qk_span octets, uint8_t type, size_t nibbles,
			struct qk_sms_address *ret)
{
	uint8_t septets[DIGITS_MAX];
	size_t count = nibbles * 4 / 7;

	*ret = (struct qk_sms_address){ .type = type };
	if (nibbles > DIGITS_MAX)
		return -EBADMSG;
	if ((type & ADDRESS_TYPE_BITS) != ADDRESS_TEXT) {
		read_digits(octets, nibbles, ret);
		return 0;
	}
	int r = qk_gsm7_unpack(octets, 0, count, septets);
	if (r == 0)
		r = qk_gsm7_show(septets, count, NULL, ret->text, sizeof(ret->text));
	return r < 0 ? r : 0;
}

/* The message centre: octets that follow, the type, digits. */
static int read_smsc(struct qk_cursor *c, struct qk_sms_address *ret)
{
	uint8_t size = take_octet(c);

	*ret = (struct qk_sms_address){ 0 };
	if (!size)
		return 0;
	if (size >= SMSC_OCTETS_MAX)
		return -EBADMSG;
	uint8_t type = take_octet(c);
	struct qk_span octets = qk_cursor_take(c, size - 1u);
	return c->error ? c->error : read_address(octets, type, octets.size * 2, ret);
}

/* Who sends or gets it: digits that follow, the type, digits. */
static int read_party(struct qk_cursor *c, struct qk_sms_address *ret)
{
	uint8_t count = take_octet(c), type = take_octet(c);
	struct qk_span octets = qk_cursor_take(c, (count + 1u) / 2);

	return c->error ? c->error : read_address(octets, type, count, ret);
}

static int write_digits(struct qk_writer *w, const char *text)
{
	size_t count = strlen(text);

	for (size_t i = 0; i < count; i += 2) {
		const char *low = strchr(digits, text[i]);
		const char *high = i + 1 < count ? strchr(digits, text[i + 1]) : NULL;
		if (!low || (i + 1 < count && !high))
			return -EINVAL;
		unsigned int octet = high ? (unsigned int)(high - digits) : FILLER;
		qk_write_uint(w, octet << 4 | (unsigned int)(low - digits), 1, false);
	}
	return 0;
}

static int write_text_address(struct qk_writer *w, const struct qk_sms_address *address)
{
	struct qk_span rest = { (const uint8_t *)address->text, strlen(address->text) };
	uint8_t septets[DIGITS_MAX + 2], octets[DIGITS_MAX + 2];
	size_t count = 0;

	while (rest.size && count <= DIGITS_MAX / 2 + 1) {
		unsigned int n = qk_gsm7_next(&rest, &septets[count]);
		if (!n)
			return -EINVAL;
		count += n;
	}
	if (rest.size || count > DIGITS_MAX * 4 / 7)
		return -EINVAL;
	size_t size = qk_gsm7_pack(septets, count, 0, octets);
	qk_write_uint(w, (count * 7 + 3) / 4, 1, false);
	qk_write_uint(w, address->type, 1, false);
	qk_write_bytes(w, octets, size);
	return 0;
}

static int write_address(struct qk_writer *w, const struct qk_sms_address *address, bool smsc)
{
	const char *number = address->text + (address->text[0] == '+');
	size_t count = strlen(number);

	if (smsc && !count && !address->type) {
		qk_write_uint(w, 0, 1, false);
		return 0;
	}
	if ((address->type & ADDRESS_TYPE_BITS) == ADDRESS_TEXT)
		return smsc ? -EINVAL : write_text_address(w, address);
	if (count > DIGITS_MAX)
		return -EINVAL;
	qk_write_uint(w, smsc ? (count + 1) / 2 + 1 : count, 1, false);
	qk_write_uint(w, address->type, 1, false);
	return write_digits(w, number);
}

int qk_sms_set_number(struct qk_sms_address *address, const char *text)
{
	size_t plus = text[0] == '+', count = strlen(text + plus);

	if (!count || count > DIGITS_MAX || strspn(text + plus, digits) != count)
		return -EINVAL;
	*address = (struct qk_sms_address){ .type = plus ? TYPE_INTERNATIONAL : TYPE_UNKNOWN };
	memcpy(address->text, text, plus + count + 1);
	return 0;
}

int qk_sms_set_address(struct qk_sms_address *address, const char *text)
{
	struct qk_sms_address made = { .type = TYPE_TEXT };
	uint8_t octets[DIGITS_MAX];
	struct qk_writer w = qk_writer(octets, sizeof(octets));

	if (qk_sms_set_number(address, text) == 0)
		return 0;
	if (!*text || strlen(text) >= sizeof(made.text))
		return -EINVAL;
	memcpy(made.text, text, strlen(text) + 1);
	int r = write_text_address(&w, &made);
	if (r < 0)
		return r;
	*address = made;
	return 0;
}

size_t qk_sms_smsc_size(struct qk_span pdu)
{
	return pdu.size && pdu.data[0] < pdu.size ? (size_t)pdu.data[0] + 1 : 0;
}

/* --- times */

enum { SECONDS_A_DAY = 86400, DAYS_1970_TO_2000 = 10957, DAYS_4_YEARS = 1461 };

static const uint8_t month_days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

static uint8_t days_of(uint8_t year, uint8_t month)
{
	/* the years are 2000 to 2099, of which every fourth leaps */
	return (uint8_t)(month_days[month - 1] + (month == 2 && year % 4 == 0));
}

/* Two digits, the first one in the low half. */
static bool swapped(uint8_t octet, uint8_t mask, uint8_t *ret)
{
	uint8_t high = octet & mask & 0x0f, low = octet >> 4;

	*ret = (uint8_t)(high * 10 + low);
	return high <= 9 && low <= 9;
}

static struct qk_sms_time read_time(struct qk_cursor *c)
{
	struct qk_span octets = qk_cursor_take(c, 7);
	struct qk_sms_time time = { 0 };
	uint8_t quarters;

	if (!octets.data)
		return time;
	memcpy(time.octets, octets.data, sizeof(time.octets));
	uint8_t *const parts[] = { &time.year, &time.month,  &time.day,
				   &time.hour, &time.minute, &time.second };
	time.valid = true;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		time.valid &= swapped(octets.data[i], 0xff, parts[i]);
	/* the sign is in the first digit, which is the low half */
	time.valid &= swapped(octets.data[6], 0xf7, &quarters);
	time.quarters = (int8_t)(octets.data[6] & 0x08 ? -quarters : quarters);
	time.valid = time.valid && time.month >= 1 && time.month <= 12 && time.day >= 1 &&
		     time.day <= days_of(time.year, time.month) && time.hour < 24 &&
		     time.minute < 60 && time.second < 60;
	return time;
}

static uint8_t swap_digits(uint8_t number)
{
	return (uint8_t)(number % 10 << 4 | number / 10 % 10);
}

struct qk_sms_time qk_sms_time_from(int64_t utc_seconds, int8_t quarters)
{
	int64_t local = utc_seconds + quarters * 900 - (int64_t)DAYS_1970_TO_2000 * SECONDS_A_DAY;
	struct qk_sms_time time = { .valid = true, .month = 1, .quarters = quarters };

	if (local < 0)
		local = 0;
	int64_t days = local / SECONDS_A_DAY % (25 * DAYS_4_YEARS), second = local % SECONDS_A_DAY;
	for (time.year = 0; days >= 365 + (time.year % 4 == 0); time.year++)
		days -= 365 + (time.year % 4 == 0);
	for (; days >= days_of(time.year, time.month); time.month++)
		days -= days_of(time.year, time.month);
	time.day = (uint8_t)(days + 1);
	time.hour = (uint8_t)(second / 3600);
	time.minute = (uint8_t)(second / 60 % 60);
	time.second = (uint8_t)(second % 60);
	const uint8_t parts[] = { time.year, time.month,  time.day,
				  time.hour, time.minute, time.second };
	for (size_t i = 0; i < sizeof(parts); i++)
		time.octets[i] = swap_digits(parts[i]);
	time.octets[6] = swap_digits((uint8_t)(quarters < 0 ? -quarters : quarters)) |
			 (quarters < 0 ? 0x08 : 0);
	return time;
}

int64_t qk_sms_time_utc(const struct qk_sms_time *time)
{
	int64_t days = DAYS_1970_TO_2000;

	if (!time->valid)
		return 0;
	for (uint8_t year = 0; year < time->year; year++)
		days += 365 + (year % 4 == 0);
	for (uint8_t month = 1; month < time->month; month++)
		days += days_of(time->year, month);
	days += time->day - 1;
	return days * SECONDS_A_DAY + time->hour * 3600 + time->minute * 60 + time->second -
	       time->quarters * 900;
}

/* --- user data */

void qk_sms_set_dcs(struct qk_sms *sms, uint8_t dcs)
{
	static const uint8_t codings[] = { QK_SMS_GSM7, QK_SMS_8BIT, QK_SMS_UCS2, QK_SMS_GSM7 };
	uint8_t group = dcs >> 4;

	sms->dcs = dcs;
	sms->coding = QK_SMS_GSM7;
	sms->message_class = -1;
	if (group < 8) {
		sms->coding = codings[dcs >> 2 & 3];
		if (dcs & 0x10)
			sms->message_class = dcs & 3;
	} else if (group == 14) {
		sms->coding = QK_SMS_UCS2;
	} else if (group == 15) {
		sms->coding = dcs & 4 ? QK_SMS_8BIT : QK_SMS_GSM7;
		sms->message_class = dcs & 3;
	}
}

static void read_parts(struct qk_cursor *c, unsigned int width, struct qk_sms_header *header)
{
	uint16_t reference = (uint16_t)qk_cursor_uint(c, width, true);
	uint8_t parts = take_octet(c), part = take_octet(c);

	/* a part that is none of them is ignored, as 9.2.3.24.1 says */
	if (c->error || !part || part > parts)
		return;
	header->has_parts = true;
	header->reference = reference;
	header->parts = parts;
	header->part = part;
}

static void read_element(uint8_t id, struct qk_span value, struct qk_sms_header *header)
{
	struct qk_cursor c = qk_cursor(value);
	unsigned int width = id == ELEMENT_PORTS ? 2 : 1;

	switch (id) {
	case ELEMENT_PARTS:
		read_parts(&c, 1, header);
		break;
	case ELEMENT_PARTS_16:
		read_parts(&c, 2, header);
		break;
	case ELEMENT_PORTS_8:
	case ELEMENT_PORTS:
		header->to_port = (uint16_t)qk_cursor_uint(&c, width, true);
		header->from_port = (uint16_t)qk_cursor_uint(&c, width, true);
		header->has_ports = !c.error;
		break;
	case ELEMENT_SINGLE_SHIFT:
		header->tables.single = take_octet(&c);
		break;
	case ELEMENT_LOCKING_SHIFT:
		header->tables.locking = take_octet(&c);
		break;
	default: /* enhanced messaging and the like */
		break;
	}
}

/* The header stands in front of the data: its length, then elements. */
static int read_header(struct qk_span data, struct qk_sms_header *ret)
{
	struct qk_cursor c = qk_cursor(data);
	uint8_t size = take_octet(&c);
	struct qk_span elements = qk_cursor_take(&c, size);

	if (c.error || size >= sizeof(ret->octets))
		return -EBADMSG;
	memcpy(ret->octets, data.data, size + 1u);
	ret->size = (uint8_t)(size + 1);
	for (c = qk_cursor(elements); qk_cursor_left(&c);) {
		uint8_t id = take_octet(&c), length = take_octet(&c);
		struct qk_span value = qk_cursor_take(&c, length);
		if (c.error)
			return -EBADMSG;
		read_element(id, value, ret);
	}
	return 0;
}

static int read_septets(struct qk_span data, uint8_t count, struct qk_sms *ret)
{
	/* the text begins at the next septet behind the header */
	size_t skip = (ret->header.size * 8u + 6) / 7;

	if (count > QK_SMS_SEPTETS_MAX || skip > count)
		return -EBADMSG;
	ret->data_count = (uint8_t)(count - skip);
	return qk_gsm7_unpack(data, skip * 7, ret->data_count, ret->data);
}

/* Compressed text (3GPP TS 23.042) is octets, whatever its alphabet. */
static bool is_septets(const struct qk_sms *sms)
{
	return sms->coding == QK_SMS_GSM7 && !(sms->dcs & 0x20 && sms->dcs < 0x80);
}

static int read_user_data(struct qk_cursor *c, bool has_header, struct qk_sms *ret)
{
	uint8_t count = take_octet(c);
	bool septets = is_septets(ret);
	struct qk_span data = qk_cursor_take(c, septets ? (count * 7u + 7) / 8 : count);

	ret->has_data = true;
	if (c->error || data.size > QK_SMS_DATA_MAX)
		return -EBADMSG;
	if (has_header) {
		int r = read_header(data, &ret->header);
		if (r < 0)
			return r;
	}
	if (septets)
		return read_septets(data, count, ret);
	ret->data_count = (uint8_t)(data.size - ret->header.size);
	memcpy(ret->data, data.data + ret->header.size, ret->data_count);
	return 0;
}

static void write_user_data(struct qk_writer *w, const struct qk_sms *sms)
{
	uint8_t octets[QK_SMS_DATA_MAX + 8];
	size_t skip = (sms->header.size * 8u + 6) / 7, size = sms->header.size;

	if (!is_septets(sms)) {
		if (size + sms->data_count > QK_SMS_DATA_MAX) {
			w->error = -EINVAL;
			return;
		}
		qk_write_uint(w, size + sms->data_count, 1, false);
		qk_write_bytes(w, sms->header.octets, size);
		qk_write_bytes(w, sms->data, sms->data_count);
		return;
	}
	if (skip + sms->data_count > QK_SMS_SEPTETS_MAX) {
		w->error = -EINVAL;
		return;
	}
	qk_write_uint(w, skip + sms->data_count, 1, false);
	qk_write_bytes(w, sms->header.octets, size);
	qk_write_bytes(w, octets,
		       qk_gsm7_pack(sms->data, sms->data_count, skip * 7 - size * 8, octets));
}

/* --- TPDUs */

static int read_deliver(struct qk_cursor *c, uint8_t first, struct qk_sms *ret)
{
	int r = read_party(c, &ret->address);

	ret->no_more = first & BIT_MORE;
	ret->loop = first & BIT_LOOP;
	ret->pid = take_octet(c);
	qk_sms_set_dcs(ret, take_octet(c));
	ret->sent = read_time(c);
	return r < 0 ? r : read_user_data(c, first & BIT_HEADER, ret);
}

static int read_submit(struct qk_cursor *c, uint8_t first, struct qk_sms *ret)
{
	static const uint8_t sizes[] = { 0, 7, 1, 7 };

	ret->reject_duplicates = first & BIT_MORE;
	ret->reference = take_octet(c);
	int r = read_party(c, &ret->address);
	ret->pid = take_octet(c);
	qk_sms_set_dcs(ret, take_octet(c));
	ret->validity = first >> VALIDITY_SHIFT & 3;
	struct qk_span validity = qk_cursor_take(c, sizes[ret->validity]);
	if (validity.size)
		memcpy(ret->validity_octets, validity.data, validity.size);
	return r < 0 ? r : read_user_data(c, first & BIT_HEADER, ret);
}

/* What follows the status may be missing; an octet of flags says what is there. On a card the rest of
 * the record is filled with ones. */
static int read_report_tail(struct qk_cursor *c, uint8_t first, struct qk_sms *ret)
{
	uint8_t has = qk_cursor_left(c) ? take_octet(c) : 0;

	if (has == RECORD_FILLER)
		return 0;
	if (has & PARAMETER_PID) {
		ret->has_pid = true;
		ret->pid = take_octet(c);
	}
	if (has & PARAMETER_DCS) {
		ret->has_dcs = true;
		qk_sms_set_dcs(ret, take_octet(c));
	}
	return has & PARAMETER_DATA ? read_user_data(c, first & BIT_HEADER, ret) : 0;
}

static int read_report(struct qk_cursor *c, uint8_t first, struct qk_sms *ret)
{
	ret->no_more = first & BIT_MORE;
	ret->loop = first & BIT_LOOP;
	ret->reference = take_octet(c);
	int r = read_party(c, &ret->address);
	ret->sent = read_time(c);
	ret->done = read_time(c);
	ret->status = take_octet(c);
	qk_sms_set_dcs(ret, 0);
	return r < 0 ? r : read_report_tail(c, first, ret);
}

static int (*const readers[])(struct qk_cursor *c, uint8_t first, struct qk_sms *ret) = {
	[QK_SMS_DELIVER] = read_deliver,
	[QK_SMS_SUBMIT] = read_submit,
	[QK_SMS_STATUS_REPORT] = read_report,
};

int qk_sms_decode(struct qk_span pdu, struct qk_sms *ret)
{
	struct qk_cursor c = qk_cursor(pdu);
	struct qk_sms sms = { .message_class = -1 };
	int r = read_smsc(&c, &sms.smsc);

	if (r < 0)
		return -EBADMSG;
	uint8_t first = take_octet(&c);
	sms.type = first & MTI_MASK;
	if (c.error || sms.type >= sizeof(readers) / sizeof(readers[0]))
		return -EBADMSG;
	sms.report = first & BIT_REPORT;
	sms.reply_path = sms.type != QK_SMS_STATUS_REPORT && first & BIT_REPLY_PATH;
	r = readers[sms.type](&c, first, &sms);
	if (r < 0 || c.error)
		return -EBADMSG;
	*ret = sms;
	return 0;
}

static uint8_t first_octet(const struct qk_sms *sms)
{
	unsigned int first = sms->type & MTI_MASK;

	if (sms->type == QK_SMS_SUBMIT) {
		first |= sms->reject_duplicates ? BIT_MORE : 0;
		first |= (sms->validity & 3) << VALIDITY_SHIFT;
	} else {
		first |= sms->no_more ? BIT_MORE : 0;
		first |= sms->loop ? BIT_LOOP : 0;
	}
	first |= sms->report ? BIT_REPORT : 0;
	first |= sms->header.size ? BIT_HEADER : 0;
	first |= sms->reply_path ? BIT_REPLY_PATH : 0;
	return (uint8_t)first;
}

static int write_deliver(struct qk_writer *w, const struct qk_sms *sms)
{
	int r = write_address(w, &sms->address, false);

	qk_write_uint(w, sms->pid, 1, false);
	qk_write_uint(w, sms->dcs, 1, false);
	qk_write_bytes(w, sms->sent.octets, sizeof(sms->sent.octets));
	write_user_data(w, sms);
	return r;
}

static int write_submit(struct qk_writer *w, const struct qk_sms *sms)
{
	static const uint8_t sizes[] = { 0, 7, 1, 7 };

	qk_write_uint(w, sms->reference, 1, false);
	int r = write_address(w, &sms->address, false);
	qk_write_uint(w, sms->pid, 1, false);
	qk_write_uint(w, sms->dcs, 1, false);
	qk_write_bytes(w, sms->validity_octets, sizes[sms->validity & 3]);
	write_user_data(w, sms);
	return r;
}

static int write_report(struct qk_writer *w, const struct qk_sms *sms)
{
	unsigned int has = (sms->has_pid ? PARAMETER_PID : 0) | (sms->has_dcs ? PARAMETER_DCS : 0) |
			   (sms->has_data ? PARAMETER_DATA : 0);

	qk_write_uint(w, sms->reference, 1, false);
	int r = write_address(w, &sms->address, false);
	qk_write_bytes(w, sms->sent.octets, sizeof(sms->sent.octets));
	qk_write_bytes(w, sms->done.octets, sizeof(sms->done.octets));
	qk_write_uint(w, sms->status, 1, false);
	if (has)
		qk_write_uint(w, has, 1, false);
	if (sms->has_pid)
		qk_write_uint(w, sms->pid, 1, false);
	if (sms->has_dcs)
		qk_write_uint(w, sms->dcs, 1, false);
	if (sms->has_data)
		write_user_data(w, sms);
	return r;
}

static int (*const writers[])(struct qk_writer *w, const struct qk_sms *sms) = {
	[QK_SMS_DELIVER] = write_deliver,
	[QK_SMS_SUBMIT] = write_submit,
	[QK_SMS_STATUS_REPORT] = write_report,
};

int qk_sms_encode(const struct qk_sms *sms, uint8_t *buffer, size_t size)
{
	struct qk_writer w = qk_writer(buffer, size);

	if (sms->type >= sizeof(writers) / sizeof(writers[0]))
		return -EINVAL;
	int r = write_address(&w, &sms->smsc, true);
	qk_write_uint(&w, first_octet(sms), 1, false);
	if (r == 0)
		r = writers[sms->type](&w, sms);
	if (r == 0)
		r = w.error;
	return r < 0 ? r : (int)qk_writer_used(&w);
}
