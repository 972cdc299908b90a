/*
 * Decoded (see decoded.h).
 */
#include "decoded.h"

#include <errno.h>
#include <string.h>

#include <qmikit/common.h>

#include "print.h"

#define TLV_HEADER 3
#define RESULT_TLV 0x02

/* jansson sets nothing where there is no value: memory is out, and `good` says so. */
static void set(json_t *object, const char *name, json_t *value, bool *good)
{
	*good = json_object_set_new(object, name, value) == 0 && *good;
}

static json_t *name_or_null(const char *name)
{
	return name ? json_string(name) : json_null();
}

/* The name of a number, or the number. */
static json_t *word(const struct qk_values *values, uint64_t number)
{
	const char *name = qk_value_name(values, (int64_t)number);

	return name ? json_string(name) : json_integer((json_int_t)number);
}

/* {status, error, code} of the first result; null where there is none. */
static json_t *result_to_json(const struct entry *entry)
{
	struct qk_cursor c = qk_cursor(entry->frame.tlvs);
	struct qk_tlv tlv;

	while (entry->frame.type == QK_RESPONSE && qk_cursor_tlv(&c, &tlv)) {
		struct qk_cursor value = qk_cursor(tlv.value);
		if (tlv.type != RESULT_TLV)
			continue;
		uint64_t status = qk_cursor_uint(&value, 2, false);
		uint64_t code = qk_cursor_uint(&value, 2, false);
		if (value.error)
			break;
		const struct qk_error_info *info = qk_error_by_code((uint16_t)code);
		return json_pack("{s:o, s:o, s:i}", "status",
				 word(&qk_result_status_values, status), "error",
				 name_or_null(info ? info->name : NULL), "code", (int)code);
	}
	return json_null();
}

/* --- Units, in the shape of the value they are of; NULL: it has none */

static const char *unit_of(const struct qk_field *field)
{
	return field->kind == QK_KIND_STRUCT ? NULL : qk_field_unit(field);
}

static json_t *units_to_json(const struct qk_field *field)
{
	const char *unit = unit_of(field);

	if (unit)
		return json_string(unit);
	if (field->kind != QK_KIND_STRUCT)
		return NULL;
	json_t *object = json_object();
	size_t count;
	const struct qk_field *members = qk_field_members(field, &count);
	for (size_t i = 0; i < count; i++) {
		json_t *inner = units_to_json(&members[i]);
		if (inner)
			json_object_set_new(object, qk_field_name(&members[i]), inner);
	}
	if (json_object_size(object))
		return object;
	json_decref(object);
	return NULL;
}

/* --- TLVs */

static const struct qk_field *field_of(const struct qk_message *message, uint8_t type)
{
	for (size_t i = 0; message && i < message->tlv_count; i++)
		if (message->tlvs[i].type == type)
			return &message->tlvs[i].field;
	return NULL;
}

/* What the definition makes of one whole TLV: value, unit, and what is behind the value. False: nothing,
 * since the value is shorter than its definition. -ENOMEM in `*ret_error`. */
static bool set_value(struct decoder *decoder, const struct qk_message *message,
		      const struct qk_field *field, struct qk_span tlv, json_t *object, bool *good)
{
	struct qk_extras extras;
	void *value;

	if (decoder_run(decoder, message, tlv, &value) < 0) {
		*good = false;
		return false;
	}
	memcpy(&extras, value, sizeof(extras));
	if (extras.count && extras.items[0].kind == QK_EXTRA_MALFORMED)
		return false;
	json_t *whole = decoder_to_json(message, value, true);
	json_t *units = units_to_json(field);
	set(object, "value", json_incref(json_object_get(whole, qk_field_name(field))), good);
	set(object, "malformed", json_false(), good);
	if (units)
		set(object, "unit", units, good);
	if (extras.count)
		set(object, "rest",
		    printer_hex_to_json((struct qk_span){ extras.items[0].value.data,
							  extras.items[0].value.size }),
		    good);
	json_decref(whole);
	return true;
}

/* One TLV: `tlv` is all of it, its type and its length too. */
static json_t *tlv_to_json(struct decoder *decoder, const struct entry *entry, struct qk_span tlv,
			   bool again, bool *good)
{
	const struct qk_field *field = field_of(entry->message, tlv.data[0]);
	struct qk_span value = { tlv.data + TLV_HEADER, tlv.size - TLV_HEADER };
	json_t *object = json_pack("{s:i, s:o, s:i}", "id", tlv.data[0], "name",
				   name_or_null(field ? qk_field_name(field) : NULL), "length",
				   (int)value.size);

	if (!field || !set_value(decoder, entry->message, field, tlv, object, good)) {
		set(object, "bytes", printer_hex_to_json(value), good);
		set(object, "malformed", json_boolean(field), good);
	}
	if (again)
		set(object, "repeated", json_true(), good);
	return object;
}

/* What is left where a TLV says that it is longer than its message, or has not even a length. */
static json_t *broken_to_json(const struct entry *entry, struct qk_span rest)
{
	const struct qk_field *field = field_of(entry->message, rest.data[0]);
	bool whole = rest.size >= TLV_HEADER;
	struct qk_span value = { rest.data + TLV_HEADER, whole ? rest.size - TLV_HEADER : 0 };
	int length = whole ? rest.data[1] | rest.data[2] << 8 : 0;

	return json_pack("{s:i, s:o, s:o, s:o, s:b}", "id", rest.data[0], "name",
			 name_or_null(field ? qk_field_name(field) : NULL), "length",
			 whole ? json_integer(length) : json_null(), "bytes",
			 printer_hex_to_json(whole ? value : (struct qk_span){ NULL, 0 }),
			 "malformed", true);
}

static json_t *tlvs_to_json(struct decoder *decoder, const struct entry *entry, bool *good)
{
	struct qk_cursor c = qk_cursor(entry->frame.tlvs);
	const uint8_t *end = entry->frame.tlvs.data + entry->frame.tlvs.size, *at = c.pos;
	bool seen[UINT8_MAX + 1] = { false };
	json_t *list = json_array();
	struct qk_tlv tlv;

	for (; *good && qk_cursor_tlv(&c, &tlv); at = tlv.value.data + tlv.value.size) {
		struct qk_span whole = { at, TLV_HEADER + tlv.value.size };
		json_t *item = tlv_to_json(decoder, entry, whole, seen[tlv.type], good);
		*good = json_array_append_new(list, item) == 0 && *good;
		seen[tlv.type] = true;
	}
	if (c.error && at < end) {
		json_t *item = broken_to_json(entry, (struct qk_span){ at, (size_t)(end - at) });
		*good = json_array_append_new(list, item) == 0 && *good;
	}
	return list;
}

json_t *decoded_to_json(struct decoder *decoder, const struct entry *entry)
{
	static const char *const types[] = { "request", "response", "indication" };
	bool clients = entry->transport == QK_LINK_QMUX || entry->transport == QK_LINK_QMUXD;
	const struct qk_frame *frame = &entry->frame;
	json_t *object = json_object();
	bool good = object;

	set(object, "number", json_integer((json_int_t)entry->number), &good);
	set(object, "transport", json_string(entry_transport_name(entry->transport)), &good);
	set(object, "direction", json_string(entry->from_modem ? "from-modem" : "to-modem"), &good);
	set(object, "service", name_or_null(qk_service_name(entry->service)), &good);
	set(object, "service_id", json_integer(entry->service), &good);
	set(object, "type", json_string(types[frame->type]), &good);
	set(object, "message",
	    name_or_null(entry->message ? qk_message_name(entry->message) : NULL), &good);
	set(object, "message_id", json_integer(frame->message), &good);
	if (entry->message && entry->message->vendor)
		set(object, "vendor", word(&qk_vendor_values, entry->message->vendor), &good);
	set(object, "client", clients ? json_integer(frame->client) : json_null(), &good);
	set(object, "transaction", json_integer(frame->transaction), &good);
	set(object, "result", result_to_json(entry), &good);
	set(object, "tlvs", tlvs_to_json(decoder, entry, &good), &good);
	if (good)
		return object;
	json_decref(object);
	return NULL;
}
