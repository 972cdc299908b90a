/*
 * Following paths, and what they lead to as numbers and bytes.
 */
#include "text-path.h"

#include <errno.h>
#include <string.h>

#include "modem-text.h"

static bool same_name(const char *name, const char *words, size_t size)
{
	return !strncmp(name, words, size) && !name[size];
}

static int find_tlv(const struct text_scope *scope, const char *name, size_t size,
		    struct text_value *ret)
{
	const struct qk_message *message = scope->message;
	const uint8_t *base = scope->decoded;

	for (size_t i = 0; i < message->tlv_count; i++) {
		const struct qk_tlv_def *tlv = &message->tlvs[i];
		const void *data = base ? base + tlv->field.offset : NULL;

		if (!same_name(qk_field_name(&tlv->field), name, size))
			continue;
		if (base && (!base[tlv->has] || !modem_text_readable(&tlv->field, data)))
			return -ENODATA;
		*ret = (struct text_value){ .field = &tlv->field, .data = data };
		return 0;
	}
	return -ENOENT;
}

static int find_member(const char *name, size_t size, struct text_value *value)
{
	size_t count;
	const struct qk_field *field = qk_field_members(value->field, &count);

	if (!value->item && (value->field->flags & QK_FIELD_LIST))
		return -ENOENT;
	for (; count; count--, field++) {
		if (!same_name(qk_field_name(field), name, size))
			continue;
		*value = (struct text_value){
			.field = field,
			.data = value->data ? (const uint8_t *)value->data + field->offset : NULL,
		};
		return 0;
	}
	return -ENOENT;
}

int text_find(const struct text_scope *scope, const char *path, struct text_value *ret)
{
	bool from_message = *path == '/' || !scope->field;
	struct text_value value = {
		.field = scope->field,
		.data = scope->value,
		.item = scope->field && (scope->field->flags & QK_FIELD_LIST),
	};

	if (*path == '/')
		path++;
	if (!strcmp(path, ".") && scope->field) {
		*ret = value;
		return 0;
	}
	do {
		size_t size = strcspn(path, ".");
		int r = from_message ? find_tlv(scope, path, size, &value)
				     : find_member(path, size, &value);

		if (r < 0)
			return r;
		from_message = false;
		path += size;
	} while (*path++ == '.');
	*ret = value;
	return 0;
}

int64_t text_value_number(const struct text_value *value)
{
	if (!value->item && (value->field->flags & QK_FIELD_LIST))
		return (int64_t)((const struct qk_list *)value->data)->count;
	if (value->field->kind > QK_KIND_BOOL)
		return 1; /* text, bytes, structs: being there is all there is to ask */
	return qk_load_number(value->field, value->data);
}

int64_t text_number(const struct text_scope *scope, const char *path, int64_t otherwise)
{
	struct text_value value;

	if (text_find(scope, path, &value) < 0 || !value.data)
		return otherwise;
	return text_value_number(&value);
}

struct qk_span text_bytes(const struct text_scope *scope, const char *path)
{
	struct text_value value;

	if (text_find(scope, path, &value) < 0 || !value.data)
		return (struct qk_span){ 0 };
	if (value.field->kind == QK_KIND_BYTES) {
		const struct qk_bytes *bytes = value.data;

		return (struct qk_span){ bytes->data, bytes->size };
	}
	if ((value.field->flags & QK_FIELD_LIST) && value.field->size == 1) {
		const struct qk_list *list = value.data;

		return (struct qk_span){ list->items, list->count };
	}
	return (struct qk_span){ 0 };
}

const char *text_missing(const struct qk_message *message, const void *decoded)
{
	const uint8_t *base = decoded;

	for (size_t i = 0; i < message->tlv_count; i++) {
		const struct qk_tlv_def *tlv = &message->tlvs[i];

		if (tlv->mandatory && (!base[tlv->has] ||
				       !modem_text_readable(&tlv->field, base + tlv->field.offset)))
			return qk_field_name(&tlv->field);
	}
	return NULL;
}
