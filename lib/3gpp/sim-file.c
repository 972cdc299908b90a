/*
 * SIM files: numbers in half bytes, names, lists and the templates in BER-TLV (see sim-file.h).
 */
#include "sim-file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gsm7.h"
#include "utf8.h"

#define EMPTY 0xff
#define INTERNATIONAL 0x91 /* type and plan of a number: E.164 with its country, and without */
#define NATIONAL 0x81

static const char digit_names[] = "0123456789ABCDEF";

int qk_bcd_read(struct qk_span bytes, bool hex, char *ret, size_t size)
{
	size_t used = 0, count = bytes.size * 2;

	/* what fills up the end is no digit; inside, an f is one where letters are */
	while (count && (bytes.data[(count - 1) / 2] >> ((count - 1) % 2 * 4) & 0xf) == 0xf)
		count--;
	for (size_t i = 0; i < count; i++) {
		unsigned int digit = bytes.data[i / 2] >> (i % 2 * 4) & 0xf;

		if (digit > 9 && !hex)
			return -EBADMSG;
		if (used + 1 < size)
			ret[used++] = digit_names[digit];
	}
	if (size)
		ret[used] = 0;
	return 0;
}

static unsigned int digit_value(char c)
{
	const char *at = c ? strchr(digit_names, c) : NULL;

	return at ? (unsigned int)(at - digit_names) : 0xf;
}

size_t qk_bcd_write(const char *digits, uint8_t *ret, size_t size)
{
	size_t count = 0;

	memset(ret, EMPTY, size);
	for (; digits[count] && count < size * 2; count++) {
		unsigned int shift = count % 2 * 4;

		ret[count / 2] = (uint8_t)((ret[count / 2] & ~(0xfu << shift)) |
					   digit_value(digits[count]) << shift);
	}
	return (count + 1) / 2;
}

int qk_iccid_read(struct qk_span file, char ret[21])
{
	if (!file.size)
		return -EBADMSG;
	return qk_bcd_read(file, true, ret, 21);
}

void qk_iccid_write(const char *iccid, uint8_t ret[QK_ICCID_SIZE])
{
	qk_bcd_write(iccid, ret, QK_ICCID_SIZE);
}

/* The first byte is the length; then half a byte says whether the digits are odd in number, before them. */
int qk_imsi_read(struct qk_span file, char ret[16])
{
	char digits[19];

	if (!file.size || !file.data[0] || file.data[0] >= file.size || file.data[0] > 8)
		return -EBADMSG;
	int r = qk_bcd_read((struct qk_span){ file.data + 1, file.data[0] }, true, digits,
			    sizeof(digits));
	if (r < 0)
		return r;
	if (!digits[0] || strspn(digits + 1, "0123456789") != strlen(digits + 1))
		return -EBADMSG;
	memcpy(ret, digits + 1, strlen(digits));
	return 0;
}

void qk_imsi_write(const char *imsi, uint8_t ret[QK_IMSI_SIZE])
{
	char digits[18];
	size_t count = strnlen(imsi, 15);

	snprintf(digits, sizeof(digits), "%c%.15s", count % 2 ? '9' : '1', imsi);
	ret[0] = (uint8_t)qk_bcd_write(digits, ret + 1, QK_IMSI_SIZE - 1);
}

int qk_admin_data_read(struct qk_span file, uint8_t *ret_mnc_digits)
{
	if (file.size < 4 || ((file.data[3] & 0xf) != 2 && (file.data[3] & 0xf) != 3))
		return -EBADMSG;
	*ret_mnc_digits = file.data[3] & 0xf;
	return 0;
}

/* Septets in bytes of their own, packed as the alphabet's reader wants them. */
static int alpha_gsm(struct qk_span bytes, char *ret, size_t size)
{
	uint8_t packed[256] = { 0 };

	if (bytes.size > sizeof(packed))
		return -EBADMSG;
	for (size_t i = 0; i < bytes.size; i++) {
		if (bytes.data[i] & 0x80)
			return -EBADMSG;
		packed[i * 7 / 8] |= (uint8_t)(bytes.data[i] << (i * 7 % 8));
		if (i * 7 % 8 > 1)
			packed[i * 7 / 8 + 1] |= (uint8_t)(bytes.data[i] >> (8 - i * 7 % 8));
	}
	int r = qk_gsm7_to_utf8((struct qk_span){ packed, (bytes.size * 7 + 7) / 8 }, ret, size);
	return r == -EILSEQ ? -EBADMSG : r;
}

/* One character of the forms 81 and 82: half of them lie in the alphabet, half beside a base. */
static void append_based(struct qk_utf8_sink *sink, uint8_t byte, uint32_t base)
{
	char text[8];

	if (byte & 0x80)
		qk_utf8_append(sink, base + (byte & 0x7f));
	else if (alpha_gsm((struct qk_span){ &byte, 1 }, text, sizeof(text)) > 0)
		for (struct qk_span rest = { (const uint8_t *)text, strlen(text) }; rest.size;) {
			uint32_t character;
			if (!qk_utf8_next(&rest, &character))
				return;
			qk_utf8_append(sink, character);
		}
}

static int alpha_based(struct qk_span bytes, char *ret, size_t size)
{
	struct qk_utf8_sink sink = { .buffer = ret, .size = size };
	struct qk_cursor c = qk_cursor(bytes);
	bool wide = qk_cursor_uint(&c, 1, false) == 0x82;
	size_t count = (size_t)qk_cursor_uint(&c, 1, false);
	uint32_t base = wide ? (uint32_t)qk_cursor_uint(&c, 2, true)
			     : (uint32_t)qk_cursor_uint(&c, 1, false) << 7;
	struct qk_span text = qk_cursor_take(&c, count);

	if (c.error)
		return -EBADMSG;
	for (size_t i = 0; i < text.size; i++)
		append_based(&sink, text.data[i], base);
	return qk_utf8_finish(&sink);
}

static int alpha_ucs2(struct qk_span bytes, char *ret, size_t size)
{
	struct qk_utf8_sink sink = { .buffer = ret, .size = size };

	for (size_t at = 0; at + 2 <= bytes.size; at += 2) {
		uint32_t character = (uint32_t)bytes.data[at] << 8 | bytes.data[at + 1];

		if (character == 0xffff)
			break;
		if (!character || (character >= 0xd800 && character < 0xe000))
			return -EBADMSG;
		qk_utf8_append(&sink, character);
	}
	return qk_utf8_finish(&sink);
}

int qk_alpha_read(struct qk_span bytes, char *ret, size_t size)
{
	size_t used = 0;

	if (bytes.size && bytes.data[0] == 0x80)
		return alpha_ucs2((struct qk_span){ bytes.data + 1, bytes.size - 1 }, ret, size);
	if (bytes.size && (bytes.data[0] == 0x81 || bytes.data[0] == 0x82))
		return alpha_based(bytes, ret, size);
	while (used < bytes.size && bytes.data[used] != EMPTY)
		used++;
	return alpha_gsm((struct qk_span){ bytes.data, used }, ret, size);
}

/* Characters that ASCII and the GSM alphabet have at the same place. */
static bool is_shared(uint32_t character)
{
	return character < 0x80 && character >= 0x20 && !strchr("$@[\\]^_`{|}~", (int)character) &&
	       character != 0x7f;
}

static bool all_shared(const char *text)
{
	for (; *text; text++)
		if (!is_shared((uint8_t)*text))
			return false;
	return true;
}

void qk_alpha_write(const char *text, uint8_t *ret, size_t size)
{
	struct qk_span rest = { (const uint8_t *)text, strlen(text) };
	size_t used = 0;
	uint32_t character;

	memset(ret, EMPTY, size);
	if (all_shared(text)) {
		memcpy(ret, text, rest.size < size ? rest.size : size);
		return;
	}
	if (size < 3)
		return;
	for (ret[used++] = 0x80; used + 2 <= size && qk_utf8_next(&rest, &character); used += 2) {
		uint32_t ucs2 = character > 0xffff ? 0xfffd : character;
		ret[used] = (uint8_t)(ucs2 >> 8);
		ret[used + 1] = (uint8_t)ucs2;
	}
}

int qk_spn_read(struct qk_span file, char *ret, size_t size, uint8_t *ret_condition)
{
	if (file.size < 2)
		return -EBADMSG;
	int r = qk_alpha_read((struct qk_span){ file.data + 1, file.size - 1 }, ret, size);
	if (r == 0)
		return -EBADMSG;
	if (ret_condition && r > 0)
		*ret_condition = file.data[0];
	return r < 0 ? r : 0;
}

/* A number with its length and type in front: the length counts the type, as the SMS centre's does, too. */
static int address_read(struct qk_span bytes, char *ret, size_t size)
{
	size_t length = bytes.size ? bytes.data[0] : 0;
	bool plus;

	ret[0] = 0;
	if (length == EMPTY || length < 1)
		return 0;
	if (length >= bytes.size || size < 2)
		return -EBADMSG;
	plus = (bytes.data[1] & 0x70) == 0x10;
	if (plus)
		ret[0] = '+';
	int r = qk_bcd_read((struct qk_span){ bytes.data + 2, length - 1 }, true, ret + plus,
			    size - plus);
	/* what a phone dials besides digits: TS 24.008 10.5.4.7 */
	for (char *c = ret + plus; r == 0 && *c; c++)
		*c = *c == 'A' ? '*' : *c == 'B' ? '#' : *c == 'C' ? 'p' : *c;
	return r;
}

static int address_write(const char *number, uint8_t *ret, size_t size)
{
	char digits[64];
	bool plus = number[0] == '+';

	memset(ret, EMPTY, size);
	if (!number[plus])
		return 0;
	if (strlen(number + plus) > (size - 2) * 2 || strlen(number) >= sizeof(digits))
		return -EMSGSIZE;
	snprintf(digits, sizeof(digits), "%s", number + plus);
	for (char *c = digits; *c; c++)
		*c = *c == '*' ? 'A' : *c == '#' ? 'B' : *c == 'p' || *c == ',' ? 'C' : *c;
	if (strspn(digits, "0123456789ABC") != strlen(digits))
		return -EILSEQ;
	ret[0] = (uint8_t)(qk_bcd_write(digits, ret + 2, size - 2) + 1);
	ret[1] = plus ? INTERNATIONAL : NATIONAL;
	return 0;
}

#define ADDRESS_SIZE 12 /* length, type, 10 bytes of digits */

int qk_dialling_read(struct qk_span record, char *ret_name, size_t name_size, char *ret_number,
		     size_t number_size)
{
	if (record.size < QK_DIALLING_SIZE)
		return -EBADMSG;
	size_t name = record.size - QK_DIALLING_SIZE;
	int r = qk_alpha_read((struct qk_span){ record.data, name }, ret_name, name_size);
	if (r < 0)
		return r;
	return address_read((struct qk_span){ record.data + name, ADDRESS_SIZE }, ret_number,
			    number_size);
}

int qk_dialling_write(const char *name, const char *number, uint8_t *ret, size_t size)
{
	uint8_t address[ADDRESS_SIZE];
	int r = size < QK_DIALLING_SIZE ? -EMSGSIZE
					: address_write(number, address, sizeof(address));

	if (r < 0)
		return r;
	memset(ret, EMPTY, size);
	qk_alpha_write(name, ret, size - QK_DIALLING_SIZE);
	memcpy(ret + size - QK_DIALLING_SIZE, address, sizeof(address));
	return 0;
}

/* Behind the name: which parameters are there, the destination, the centre, protocol, coding, validity. */
#define SMSP_SIZE 28
#define SMSP_CENTRE 13

int qk_smsp_read(struct qk_span record, char *ret, size_t size)
{
	if (record.size < SMSP_SIZE)
		return -EBADMSG;
	const uint8_t *parameters = record.data + record.size - SMSP_SIZE;
	ret[0] = 0;
	if (parameters[0] & 0x02) /* a bit that is set: the parameter is absent */
		return 0;
	return address_read((struct qk_span){ parameters + SMSP_CENTRE, ADDRESS_SIZE }, ret, size);
}

int qk_smsp_write(const char *name, const char *centre, uint8_t *ret, size_t size)
{
	uint8_t address[ADDRESS_SIZE];
	int r = size < SMSP_SIZE ? -EMSGSIZE : address_write(centre, address, sizeof(address));

	if (r < 0)
		return r;
	memset(ret, EMPTY, size);
	qk_alpha_write(name, ret, size - SMSP_SIZE);
	uint8_t *parameters = ret + size - SMSP_SIZE;
	parameters[0] = centre[0] ? 0xfd : 0xff;
	memcpy(parameters + SMSP_CENTRE, address, sizeof(address));
	return 0;
}

/* One data object of BER-TLV with a tag of one byte. False at the end; a broken one fails the cursor. */
static bool next_object(struct qk_cursor *c, uint8_t *ret_tag, struct qk_span *ret)
{
	size_t length;

	if (!qk_cursor_left(c) || *c->pos == EMPTY || !*c->pos)
		return false;
	*ret_tag = (uint8_t)qk_cursor_uint(c, 1, false);
	length = (size_t)qk_cursor_uint(c, 1, false);
	if (length == 0x81)
		length = (size_t)qk_cursor_uint(c, 1, false);
	else if (length > 0x81)
		c->error = -EBADMSG;
	*ret = qk_cursor_take(c, length);
	return !c->error;
}

int qk_dir_read(struct qk_span record, struct qk_span *ret_aid, char *ret_label, size_t label_size)
{
	struct qk_cursor outer = qk_cursor(record);
	struct qk_span template, value, aid = { 0 };
	uint8_t tag;

	if (record.size && record.data[0] == EMPTY)
		return -ENOENT;
	if (!next_object(&outer, &tag, &template) || tag != 0x61)
		return -EBADMSG;
	struct qk_cursor c = qk_cursor(template);
	if (label_size)
		ret_label[0] = 0;
	while (next_object(&c, &tag, &value)) {
		if (tag == 0x4f)
			aid = value;
		if (tag == 0x50 && qk_alpha_read(value, ret_label, label_size) < 0)
			return -EBADMSG;
	}
	if (c.error || !aid.size)
		return -EBADMSG;
	*ret_aid = aid;
	return 0;
}

/* A name begins with a byte: its coding, and how many bits at its end are spare. */
static int name_read(struct qk_span value, char *ret, size_t size)
{
	if (!value.size)
		return -EBADMSG;
	struct qk_span text = { value.data + 1, value.size - 1 };
	if ((value.data[0] & 0x70) == 0x10)
		return alpha_ucs2(text, ret, size);
	int r = qk_gsm7_to_utf8(text, ret, size);
	return r == -EILSEQ ? -EBADMSG : r;
}

int qk_pnn_read(struct qk_span record, char *ret_long, size_t long_size, char *ret_short,
		size_t short_size)
{
	struct qk_cursor c = qk_cursor(record);
	struct qk_span value;
	uint8_t tag;
	int r = 0;

	ret_long[0] = ret_short[0] = 0;
	while (r >= 0 && next_object(&c, &tag, &value)) {
		if (tag == 0x43)
			r = name_read(value, ret_long, long_size);
		else if (tag == 0x45)
			r = name_read(value, ret_short, short_size);
	}
	return c.error ? c.error : r < 0 ? r : 0;
}

int qk_pnn_write(uint8_t tag, const char *name, uint8_t *ret, size_t size)
{
	size_t count = strlen(name), bytes = (count * 7 + 7) / 8;

	if (!all_shared(name))
		return -EILSEQ;
	if (bytes + 3 > size || bytes + 1 > 0x7f)
		return -EMSGSIZE;
	memset(ret, 0, bytes + 3);
	ret[0] = tag;
	ret[1] = (uint8_t)(bytes + 1);
	ret[2] = (uint8_t)(0x80 | (bytes * 8 - count * 7));
	for (size_t i = 0; i < count; i++) {
		unsigned int septet = (unsigned int)(uint8_t)name[i] << (i * 7 % 8);

		ret[3 + i * 7 / 8] |= (uint8_t)septet;
		if (septet > 0xff)
			ret[4 + i * 7 / 8] |= (uint8_t)(septet >> 8);
	}
	return (int)bytes + 3;
}

#define TAG_TEMPLATE 0x62
#define TAG_SIZE 0x80
#define TAG_DESCRIPTOR 0x82
#define TAG_ID 0x83
#define TAG_APPLICATION 0x84
#define TAG_RULES_SHORT 0x8b
#define TAG_LIFE_CYCLE 0x8a
#define FOLDER_BYTE 0x78 /* shareable, and what makes it a folder: */
#define FOLDER_MASK 0x38
#define FORM_MASK 0x07 /* 1 transparent, 2 linear fixed, 6 cyclic */

static int descriptor_read(struct qk_span value, struct qk_file_control *ret)
{
	struct qk_cursor c = qk_cursor(value);
	unsigned int byte = (unsigned int)qk_cursor_uint(&c, 1, false);

	qk_cursor_uint(&c, 1, false); /* data coding */
	if (c.error)
		return c.error;
	if ((byte & FOLDER_MASK) == FOLDER_MASK) {
		ret->form = QK_FORM_FOLDER;
		return 0;
	}
	ret->form = (byte & FORM_MASK) == 2   ? QK_FORM_LINEAR
		    : (byte & FORM_MASK) == 6 ? QK_FORM_CYCLIC
					      : QK_FORM_TRANSPARENT;
	if (ret->form == QK_FORM_TRANSPARENT)
		return 0;
	ret->record_size = (uint16_t)qk_cursor_uint(&c, 2, true);
	ret->record_count = (uint16_t)qk_cursor_uint(&c, 1, false);
	return c.error;
}

static int control_value(uint8_t tag, struct qk_span value, struct qk_file_control *ret)
{
	struct qk_cursor c = qk_cursor(value);

	if (tag == TAG_DESCRIPTOR)
		return descriptor_read(value, ret);
	if (tag == TAG_SIZE)
		ret->size = (uint16_t)qk_cursor_uint(&c, 2, true);
	else if (tag == TAG_ID)
		ret->id = (uint16_t)qk_cursor_uint(&c, 2, true);
	else if (tag == TAG_LIFE_CYCLE)
		ret->life_cycle = (uint8_t)qk_cursor_uint(&c, 1, false);
	else if (tag == TAG_APPLICATION)
		ret->application = value;
	else if (tag == TAG_RULES_SHORT && value.size == 3) {
		ret->rules_file = (uint16_t)qk_cursor_uint(&c, 2, true);
		ret->rules_record = (uint8_t)qk_cursor_uint(&c, 1, false);
	}
	return c.error;
}

int qk_file_control_read(struct qk_span bytes, struct qk_file_control *ret)
{
	struct qk_cursor outer = qk_cursor(bytes);
	struct qk_file_control file = { 0 };
	struct qk_span template, value;
	bool described = false;
	uint8_t tag;
	int r = 0;

	if (!next_object(&outer, &tag, &template) || tag != TAG_TEMPLATE)
		return -EBADMSG;
	struct qk_cursor c = qk_cursor(template);
	while (r == 0 && next_object(&c, &tag, &value)) {
		described |= tag == TAG_DESCRIPTOR;
		r = control_value(tag, value, &file);
	}
	if (c.error || r < 0 || !described)
		return -EBADMSG;
	*ret = file;
	return 0;
}

static void object(struct qk_writer *w, uint8_t tag, uint64_t value, unsigned int width)
{
	qk_write_uint(w, tag, 1, false);
	qk_write_uint(w, width, 1, false);
	qk_write_uint(w, value, width, true);
}

int qk_file_control_write(const struct qk_file_control *file, uint8_t *ret, size_t size)
{
	static const uint8_t bytes[] = { [QK_FORM_TRANSPARENT] = 0x41,
					 [QK_FORM_LINEAR] = 0x42,
					 [QK_FORM_CYCLIC] = 0x46,
					 [QK_FORM_FOLDER] = FOLDER_BYTE };
	struct qk_writer w = qk_writer(ret, size);
	unsigned int byte = bytes[file->form];

	qk_write_uint(&w, TAG_TEMPLATE << 8, 2, true);
	if (file->form == QK_FORM_LINEAR || file->form == QK_FORM_CYCLIC)
		object(&w, TAG_DESCRIPTOR,
		       (uint64_t)byte << 32 | 0x21u << 24 | (uint64_t)file->record_size << 8 |
			       (file->record_count & 0xffu),
		       5);
	else
		object(&w, TAG_DESCRIPTOR, byte << 8 | 0x21, 2);
	if (file->id)
		object(&w, TAG_ID, file->id, 2);
	if (file->application.size) {
		qk_write_uint(&w, TAG_APPLICATION, 1, false);
		qk_write_uint(&w, file->application.size, 1, false);
		qk_write_bytes(&w, file->application.data, file->application.size);
	}
	object(&w, TAG_LIFE_CYCLE, file->life_cycle, 1);
	if (file->rules_file)
		object(&w, TAG_RULES_SHORT, (uint64_t)file->rules_file << 8 | file->rules_record,
		       3);
	if (file->form != QK_FORM_FOLDER)
		object(&w, TAG_SIZE, file->size, 2);
	if (w.error)
		return w.error;
	ret[1] = (uint8_t)(qk_writer_used(&w) - 2);
	return (int)qk_writer_used(&w);
}
