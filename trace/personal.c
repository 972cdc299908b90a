/*
 * Personal (see personal.h).
 *
 * Sources: 3GPP TS 31.102 4.2 and 4.4 (files of the SIM), TS 51.011 10.5 (records of numbers and messages).
 */
#include "personal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <qmikit/uim.h>
#include <qmikit/wms.h>

#include "leaves.h"
#include "lib/3gpp/sms-pdu.h"

enum {
	DIAL_TAIL = 14, /* behind the name: length, type, ten bytes of digits, two references */
	SMS_RECORD = 176,
	LONG_RUN =
		10, /* digits in bytes of no known meaning that are taken for a number of somebody */
};

/* How the content of a SIM file is laid out. */
enum form { FORM_UNKNOWN, FORM_OPEN, FORM_BCD, FORM_IMSI, FORM_DIAL, FORM_SMS };

static const struct file {
	uint16_t id;
	enum form form;
} files[] = {
	{ 0x2fe2, FORM_BCD },
	{ 0x6f07, FORM_IMSI },
	{ 0x6f3a, FORM_DIAL },
	{ 0x6f3b, FORM_DIAL },
	{ 0x6f40, FORM_DIAL },
	{ 0x6f44, FORM_DIAL },
	{ 0x6f49, FORM_DIAL },
	{ 0x6f4b, FORM_DIAL },
	{ 0x6f3c, FORM_SMS },
	/* of the operator or of the card's make, the same in very many cards */
	{ 0x2f00, FORM_OPEN },
	{ 0x2f05, FORM_OPEN },
	{ 0x6f05, FORM_OPEN },
	{ 0x6f31, FORM_OPEN },
	{ 0x6f38, FORM_OPEN },
	{ 0x6f46, FORM_OPEN },
	{ 0x6f60, FORM_OPEN },
	{ 0x6f61, FORM_OPEN },
	{ 0x6f62, FORM_OPEN },
	{ 0x6f78, FORM_OPEN },
	{ 0x6f7b, FORM_OPEN },
	{ 0x6fad, FORM_OPEN },
	{ 0x6fc5, FORM_OPEN },
	{ 0x6fc6, FORM_OPEN },
	{ 0x6fd9, FORM_OPEN },
};

struct see {
	const struct personal *personal;
	const struct entry *entry;
	enum form form; /* of the content that is read or written */
};

/* --- Messages */

/* Characters of 16 bits: those of one byte as text, others one by one. */
static void scrub_ucs2(const struct scrub *scrub, uint8_t *data, size_t size)
{
	uint8_t text[QK_SMS_DATA_MAX];
	size_t count = size / 2;

	if (count > sizeof(text))
		return;
	for (size_t i = 0; i < count; i++)
		text[i] = data[2 * i] ? ' ' : data[2 * i + 1];
	scrub_text(scrub, text, count);
	for (size_t i = 0; i < count; i++) {
		if (!data[2 * i])
			data[2 * i + 1] = text[i];
		else
			scrub_number(scrub, data + 2 * i, 2);
	}
}

static void scrub_user_data(const struct scrub *scrub, struct qk_sms *sms)
{
	switch ((enum qk_sms_coding)sms->coding) {
	case QK_SMS_GSM7: /* letters and digits of this alphabet have the numbers of ASCII */
		scrub_text(scrub, sms->data, sms->data_count);
		break;
	case QK_SMS_8BIT:
		scrub_bytes(scrub, sms->data, sms->data_count);
		break;
	case QK_SMS_UCS2:
		scrub_ucs2(scrub, sms->data, sms->data_count);
		break;
	}
}

static void scrub_address(const struct scrub *scrub, struct qk_sms_address *address)
{
	scrub_text(scrub, (uint8_t *)address->text, strlen(address->text));
}

/* A PDU with its message centre before it, in its place. False: it is none. */
static bool scrub_pdu(const struct scrub *scrub, uint8_t *pdu, size_t size)
{
	uint8_t written[QK_SMS_PDU_MAX];
	struct qk_sms sms;

	if (qk_sms_decode((struct qk_span){ pdu, size }, &sms) < 0)
		return false;
	int before = qk_sms_encode(&sms, written, sizeof(written));
	if (before < 0 || (size_t)before > size || memcmp(written, pdu, (size_t)before) != 0)
		return false;
	scrub_address(scrub, &sms.smsc);
	scrub_address(scrub, &sms.address);
	scrub_user_data(scrub, &sms);
	int after = qk_sms_encode(&sms, written, sizeof(written));
	if (after != before)
		return false;
	memcpy(pdu, written, (size_t)after);
	return true;
}

static int learn_pdu(struct scrub *scrub, const uint8_t *pdu, size_t size)
{
	struct qk_sms sms;

	if (qk_sms_decode((struct qk_span){ pdu, size }, &sms) < 0)
		return 0;
	int r = scrub_learn(scrub, sms.smsc.text, strlen(sms.smsc.text), false);
	return r < 0 ? r : scrub_learn(scrub, sms.address.text, strlen(sms.address.text), false);
}

static int see_pdu(const struct personal *p, uint8_t *pdu, size_t size)
{
	if (!p->replace)
		return learn_pdu(p->scrub, pdu, size);
	if (!scrub_pdu(p->scrub, pdu, size))
		scrub_bytes(p->scrub, pdu, size);
	return 0;
}

/* --- Files of the SIM */

static int see_bcd(const struct personal *p, uint8_t *data, size_t size, size_t start)
{
	if (!p->replace)
		return scrub_learn_bcd(p->scrub, (struct qk_span){ data, size }, start);
	scrub_bcd(p->scrub, data, size, start);
	return 0;
}

/* A name and a number; the number has its length and its type before it. */
static int see_dial(const struct personal *p, uint8_t *data, size_t size)
{
	if (size < DIAL_TAIL)
		return 0;
	if (p->replace)
		scrub_bytes(p->scrub, data, size - DIAL_TAIL);
	return see_bcd(p, data + size - DIAL_TAIL + 2, DIAL_TAIL - 4, 0);
}

static int see_file(const struct see *see, uint8_t *data, size_t size)
{
	const struct personal *p = see->personal;

	switch (see->form) {
	case FORM_OPEN:
		return 0;
	case FORM_BCD:
		return see_bcd(p, data, size, 0);
	case FORM_IMSI: /* its length, then in the first nibble how many digits there are */
		return see_bcd(p, data, size, 3);
	case FORM_DIAL:
		return see_dial(p, data, size);
	case FORM_SMS:
		for (size_t at = 0; at + 1 < size; at += SMS_RECORD) {
			size_t record = size - at < SMS_RECORD ? size - at : SMS_RECORD;
			int r = data[at] ? see_pdu(p, data + at + 1, record - 1) : 0;
			if (r < 0)
				return r;
		}
		return 0;
	case FORM_UNKNOWN:
		if (p->replace)
			scrub_bytes(p->scrub, data, size);
		return 0;
	}
	return 0;
}

/* --- Fields */

static bool is_ascii(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (data[i] < 0x20 || data[i] >= 0x80)
			return false;
	return true;
}

static int see_bytes(const struct see *see, const struct leaf *leaf)
{
	const struct personal *p = see->personal;

	if (see->entry->service == QK_SERVICE_ID_WMS)
		return see_pdu(p, leaf->data, leaf->size);
	if (see->entry->service == QK_SERVICE_ID_UIM && see->form != FORM_UNKNOWN)
		return see_file(see, leaf->data, leaf->size);
	if (p->replace) {
		scrub_bytes(p->scrub, leaf->data, leaf->size);
		return 0;
	}
	if (is_ascii(leaf->data, leaf->size))
		return scrub_learn(p->scrub, (const char *)leaf->data, leaf->size, false);
	return scrub_learn_bcd(p->scrub, (struct qk_span){ leaf->data, leaf->size }, 0);
}

static int see_leaf(void *userdata, const struct leaf *leaf)
{
	const struct see *see = userdata;
	const struct personal *p = see->personal;

	switch ((enum qk_kind)leaf->field->kind) {
	case QK_KIND_STRING:
	case QK_KIND_DIGITS:
		if (!p->replace)
			return scrub_learn(p->scrub, (const char *)leaf->data, leaf->size,
					   strcmp(qk_field_name(leaf->field), "imei") == 0);
		scrub_text(p->scrub, leaf->data, leaf->size);
		return 0;
	case QK_KIND_BYTES:
		return see_bytes(see, leaf);
	case QK_KIND_FLOAT:
		if (p->replace)
			scrub_float(p->scrub, leaf->data, leaf->size);
		return 0;
	case QK_KIND_UINT:
	case QK_KIND_INT:
	case QK_KIND_BOOL:
		if (p->replace)
			scrub_number(p->scrub, leaf->data, leaf->size);
		return 0;
	case QK_KIND_STRUCT:
		return 0;
	}
	return 0;
}

/* --- Messages */

/* How many digits stand at `at` that are as they were: what was replaced has its replacement. */
static size_t digits_left(const uint8_t *bytes, const uint8_t *was, size_t size, size_t at)
{
	size_t n = 0;

	while (at + n < size && bytes[at + n] >= '0' && bytes[at + n] <= '9' &&
	       bytes[at + n] == was[at + n])
		n++;
	return n;
}

/* Bytes whose meaning nobody knows: what was learnt, and long numbers. */
static int scrub_unknown(const struct scrub *scrub, uint8_t *bytes, size_t size)
{
	uint8_t *was = malloc(size + 1);

	if (!was)
		return -ENOMEM;
	if (size)
		memcpy(was, bytes, size);
	scrub_known(scrub, bytes, size, false);
	for (size_t at = 0; at < size;) {
		size_t n = digits_left(bytes, was, size, at);
		if (n >= LONG_RUN)
			scrub_text(scrub, bytes + at, n);
		at += n ? n : 1;
	}
	free(was);
	return 0;
}

static const struct qk_tlv_def *find_def(const struct qk_message *message, uint8_t type)
{
	for (size_t i = 0; message && i < message->tlv_count; i++)
		if (message->tlvs[i].type == type)
			return &message->tlvs[i];
	return NULL;
}

static int see_tlv(const struct see *see, uint8_t type, uint8_t *value, size_t size)
{
	const struct qk_tlv_def *def = find_def(see->entry->message, type);
	int r = def ? leaves_walk(&def->field, value, size, see_leaf, (void *)see) : -EBADMSG;

	if (r != -EBADMSG)
		return r;
	return see->personal->replace ? scrub_unknown(see->personal->scrub, value, size) : 0;
}

/* The form of the file that a request is about. */
static enum form form_of(struct qk_span tlvs)
{
	struct qk_cursor c = qk_cursor(tlvs);
	struct qk_tlv tlv;

	while (qk_cursor_tlv(&c, &tlv)) {
		struct qk_cursor value = qk_cursor(tlv.value);
		uint16_t id = (uint16_t)qk_cursor_uint(&value, 2, false);
		for (size_t i = 0; tlv.type == 0x02 && i < sizeof(files) / sizeof(files[0]); i++)
			if (files[i].id == id)
				return files[i].form;
	}
	return FORM_UNKNOWN;
}

static enum form form_for(const struct entry *entry, const struct pairing_request *request)
{
	static const struct qk_method *const about_files[] = {
		&qk_uim_read_transparent_method,
		&qk_uim_read_record_method,
		&qk_uim_write_transparent_method,
		&qk_uim_write_record_method,
	};

	for (size_t i = 0; i < sizeof(about_files) / sizeof(about_files[0]); i++) {
		if (entry->service != QK_SERVICE_ID_UIM ||
		    entry->frame.message != about_files[i]->request->id)
			continue;
		if (entry->frame.type == QK_REQUEST)
			return form_of(entry->frame.tlvs);
		return request ? form_of(request->tlvs) : FORM_UNKNOWN;
	}
	return FORM_UNKNOWN;
}

int personal_see(const struct personal *personal, const struct entry *entry,
		 const struct pairing_request *request)
{
	uint8_t *bytes = (uint8_t *)(uintptr_t)entry->bytes.data;
	struct see see = { personal, entry, FORM_UNKNOWN };
	struct qk_tlv tlv;

	if (!entry->has_frame)
		return personal->replace ? scrub_unknown(personal->scrub, bytes, entry->bytes.size)
					 : 0;
	struct qk_cursor c = qk_cursor(entry->frame.tlvs);
	see.form = form_for(entry, request);
	while (qk_cursor_tlv(&c, &tlv)) {
		uint8_t *value = (uint8_t *)(uintptr_t)tlv.value.data;
		int r = see_tlv(&see, tlv.type, value, tlv.value.size);
		if (r < 0)
			return r;
		/* a value that was learnt may stand where no definition says that it does */
		if (personal->replace)
			scrub_known(personal->scrub, value, tlv.value.size, true);
	}
	if (!c.error || !personal->replace)
		return 0;
	return scrub_unknown(personal->scrub, (uint8_t *)(uintptr_t)entry->frame.tlvs.data,
			     entry->frame.tlvs.size);
}
