/*
 * Taking {…} apart, checking it, printing it.
 */
#include "text-value.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "modem-text.h"

enum { PATH_MAX_SIZE = 96, HEX_BYTES_A_LINE = 26 };

/* {…} taken apart: a path, an operator with what follows it, and what stands behind "|". */
struct expression {
	char path[PATH_MAX_SIZE];
	char operator; /* ':' '*' '/' '?' '[' or 0 */
	const char *operand;
	size_t operand_size;
	const char *otherwise; /* NULL: none given */
	size_t otherwise_size;
};

static int parse(const char *words, size_t size, struct expression *ret)
{
	struct expression e = { 0 };
	const char *end = words + size, *bar = memchr(words, '|', size), *at = words;

	if (bar) {
		e.otherwise = bar + 1;
		e.otherwise_size = (size_t)(end - e.otherwise);
		end = bar;
	}
	if (at < end && *at == '/')
		at++;
	while (at < end && !strchr(":*/?[", *at))
		at++;
	if (at == words || (size_t)(at - words) >= sizeof(e.path))
		return -EINVAL;
	memcpy(e.path, words, (size_t)(at - words));
	if (at < end) {
		e.operator= * at;
		e.operand = at + 1;
		e.operand_size = (size_t)(end - e.operand);
	}
	*ret = e;
	return 0;
}

static bool operand_is(const struct expression *e, const char *word)
{
	return e->operand_size == strlen(word) && !memcmp(e->operand, word, e->operand_size);
}

static void print_otherwise(const struct expression *e, const char *usual, struct output *out)
{
	if (e->otherwise)
		output_add(out, e->otherwise, e->otherwise_size);
	else
		output_printf(out, "%s", usual);
}

static bool is_one_bit(uint64_t mask)
{
	return mask && !(mask & (mask - 1));
}

/* A name for the whole mask stands alone ("all"); else the names of the bits are joined. */
static void print_flags(const struct qk_values *values, uint64_t flags, const struct expression *e,
			struct output *out)
{
	const char *whole = qk_value_name(values, (int64_t)flags);
	bool any = whole != NULL;

	if (whole)
		output_printf(out, "%s", whole);
	for (size_t i = 0; i < values->count && !whole; i++) {
		struct qk_value_name known = qk_nth_value(values, i);
		uint64_t mask = (uint64_t)known.value;

		if (!is_one_bit(mask) || !(flags & mask))
			continue;
		output_printf(out, "%s%s", any ? ", " : "", known.name);
		any = true;
	}
	if (!any)
		print_otherwise(e, "none", out);
}

static void print_number(const struct qk_field *field, int64_t number, struct output *out)
{
	if (field->kind == QK_KIND_INT)
		output_printf(out, "%" PRId64, number);
	else
		output_printf(out, "%" PRIu64, (uint64_t)number);
}

static bool is_text(const struct qk_field *field)
{
	return field->kind == QK_KIND_STRING || field->kind == QK_KIND_DIGITS;
}

static void print_float(const struct qk_field *field, const void *data, struct output *out)
{
	double number =
		field->size == sizeof(float) ? (double)*(const float *)data : *(const double *)data;

	output_printf(out, "%f", number);
}

/* One value as libqmi shows it. */
static int print_plain(const struct qk_field *field, const void *data, const struct expression *e,
		       struct output *out)
{
	if (is_text(field))
		return modem_text(field, data, out);
	if (field->kind == QK_KIND_FLOAT) {
		print_float(field, data, out);
		return 0;
	}
	if (field->kind > QK_KIND_BOOL)
		return -EINVAL;

	const struct qk_values *values = qk_field_values(field);
	int64_t number = qk_load_number(field, data);

	if (field->kind == QK_KIND_BOOL) {
		output_printf(out, "%s", number ? "yes" : "no");
	} else if (field->flags & QK_FIELD_FLAGS) {
		print_flags(values, (uint64_t)number, e, out);
	} else if (values) {
		const char *name = qk_value_name(values, number);

		if (name)
			output_printf(out, "%s", name);
		else
			print_otherwise(e, "(null)", out);
	} else {
		print_number(field, number, out);
	}
	return 0;
}

static int print_joined(const struct text_value *value, const struct expression *e,
			struct output *out)
{
	const struct qk_list *list = value->data;
	bool usual = e->operand_size == 1;
	const char *between = usual ? ", " : e->operand;
	size_t between_size = usual ? strlen(between) : e->operand_size - 1;
	int r = 0;

	for (size_t i = 0; i < list->count && !r; i++) {
		if (i)
			output_add(out, between, between_size);
		r = print_plain(value->field, (const uint8_t *)list->items + i * value->field->size,
				e, out);
	}
	return r;
}

/* "hex", or "hex," and what stands in front of each line. */
static bool operand_is_hex(const struct expression *e)
{
	return e->operand_size >= 3 && !memcmp(e->operand, "hex", 3) &&
	       (e->operand_size == 3 || e->operand[3] == ',');
}

void text_hex(struct qk_span bytes, const char *before, size_t before_size, struct output *out)
{
	for (size_t i = 0; i < bytes.size; i++) {
		bool last = i + 1 == bytes.size;

		if (i % HEX_BYTES_A_LINE == 0)
			output_add(out, before, before_size);
		output_printf(out, "%02X%s%s", bytes.data[i], last ? "" : ":",
			      last || (i + 1) % HEX_BYTES_A_LINE == 0 ? "\n" : "");
	}
}

/* What stands in front of each line comes behind "hex,". */
static void print_hex(struct qk_span bytes, const struct expression *e, struct output *out)
{
	size_t behind = e->operand_size > 4 ? 4 : e->operand_size;

	text_hex(bytes, e->operand + behind, e->operand_size - behind, out);
}

static void print_bytes(struct qk_span bytes, struct output *out)
{
	for (size_t i = 0; i < bytes.size; i++)
		output_printf(out, "%s%02X", i ? ":" : "", bytes.data[i]);
}

/* Whether bytes are text of ASCII with nothing but zeros behind; how long it is then. */
static bool is_ascii(struct qk_span bytes, size_t *ret_size)
{
	size_t size = 0;

	while (size < bytes.size && bytes.data[size] && bytes.data[size] < 0x80)
		size++;
	*ret_size = size;
	for (size_t i = size; i < bytes.size; i++)
		if (bytes.data[i])
			return false;
	return size > 0;
}

static void print_ascii(struct qk_span bytes, struct output *out)
{
	size_t size;

	if (is_ascii(bytes, &size))
		output_add(out, (const char *)bytes.data, size);
	else
		print_bytes(bytes, out);
}

/* Digits of BCD, the lower half of a byte first; 15 fills up. 3GPP TS 24.008 10.5.4.7. */
static void print_bcd(struct qk_span bytes, struct output *out)
{
	static const char digits[] = "0123456789*#abc";

	if (!bytes.size)
		output_printf(out, "(null)");
	for (size_t i = 0; i < 2 * bytes.size; i++) {
		uint8_t digit = bytes.data[i / 2] >> (i % 2 ? 4 : 0) & 0x0f;

		output_add(out, &digits[digit], digit < 15);
	}
}

/* A signed number as one without a sign, of its width. */
static void print_unsigned(const struct qk_field *field, int64_t number, struct output *out)
{
	uint64_t most = field->width < 8 ? (UINT64_C(1) << field->width * 8) - 1 : UINT64_MAX;

	output_printf(out, "%" PRIu64, (uint64_t)number & most);
}

static void print_signed(const struct qk_field *field, int64_t number, struct output *out)
{
	uint64_t sign = UINT64_C(1) << (field->width * 8 - 1);

	output_printf(out, "%" PRId64, (int64_t)(((uint64_t)number ^ sign) - sign));
}

enum { IPV6_GROUPS = 8 };

/* Of IPv4 the highest byte is the first one. */
static void print_address(const struct text_value *value, struct output *out)
{
	char text[INET6_ADDRSTRLEN] = "";
	struct in6_addr six = { 0 };
	struct in_addr four;

	if (value->field->flags & QK_FIELD_LIST) {
		const struct qk_list *groups = value->data;
		const uint16_t *group = groups->items;

		for (size_t i = 0; i < groups->count && i < IPV6_GROUPS; i++)
			six.s6_addr16[i] = htons(group[i]);
		inet_ntop(AF_INET6, &six, text, sizeof(text));
	} else {
		four.s_addr = htonl((uint32_t)qk_load_number(value->field, value->data));
		inet_ntop(AF_INET, &four, text, sizeof(text));
	}
	output_printf(out, "%s", text);
}

static void print_word(const struct expression *e, bool first, struct output *out)
{
	const char *colon = memchr(e->operand, ':', e->operand_size);
	size_t before = colon ? (size_t)(colon - e->operand) : e->operand_size;

	if (first)
		output_add(out, e->operand, before);
	else if (colon)
		output_add(out, colon + 1, e->operand_size - before - 1);
}

/* {path*2}, {path*0.1}, {path/60} */
static void print_scaled(const struct expression *e, int64_t number, struct output *out)
{
	char digits[24] = "";

	memcpy(digits, e->operand,
	       e->operand_size < sizeof(digits) ? e->operand_size : sizeof(digits) - 1);
	const char *point = strchr(digits, '.');

	if (e->operator== '/')
		output_printf(out, "%f", (double)number / strtod(digits, NULL));
	else if (point)
		output_printf(out, "%.*f", (int)strlen(point + 1),
			      strtod(digits, NULL) * (double)number);
	else
		output_printf(out, "%lld", (long long)number * strtoll(digits, NULL, 10));
}

/* What the operator of `e` makes of a value that is there. */
static int print_value(const struct text_scope *scope, const struct expression *e,
		       const struct text_value *value, struct output *out)
{
	bool list = !value->item && (value->field->flags & QK_FIELD_LIST);

	switch (e->operator) {
	case 0:
		return list ? -EINVAL : print_plain(value->field, value->data, e, out);
	case '[':
		return list ? print_joined(value, e, out) : -EINVAL;
	case ':':
		if (operand_is_hex(e))
			print_hex(text_bytes(scope, e->path), e, out);
		else if (operand_is(e, "bytes"))
			print_bytes(text_bytes(scope, e->path), out);
		else if (operand_is(e, "ascii"))
			print_ascii(text_bytes(scope, e->path), out);
		else if (operand_is(e, "0x"))
			output_printf(out, "0x%" PRIx64, (uint64_t)text_number(scope, e->path, 0));
		else if (operand_is(e, "ip"))
			print_address(value, out);
		else if (operand_is(e, "bcd"))
			print_bcd(text_bytes(scope, e->path), out);
		else if (operand_is(e, "u"))
			print_unsigned(value->field, text_number(scope, e->path, 0), out);
		else if (operand_is(e, "i"))
			print_signed(value->field, text_number(scope, e->path, 0), out);
		else if (operand_is(e, "x"))
			output_printf(out, "%02" PRIx64, (uint64_t)text_number(scope, e->path, 0));
		else if (operand_is(e, "X"))
			output_printf(out, "%04" PRIX64, (uint64_t)text_number(scope, e->path, 0));
		else
			print_number(value->field, text_number(scope, e->path, 0), out);
		return 0;
	case '?':
		print_word(e, text_number(scope, e->path, 0) != 0, out);
		return 0;
	default:
		print_scaled(e, text_number(scope, e->path, 0), out);
		return 0;
	}
}

static bool is_address(const struct qk_field *field, bool list)
{
	if (list)
		return field->size == sizeof(uint16_t) && field->fixed == IPV6_GROUPS;
	return field->kind == QK_KIND_UINT && field->width == sizeof(uint32_t);
}

/* Whether the operator suits the field: what print_value() takes for granted. */
static int check(const struct expression *e, const struct text_value *value)
{
	const struct qk_field *field = value->field;
	bool list = !value->item && (field->flags & QK_FIELD_LIST);
	bool number = field->kind <= QK_KIND_BOOL && !list;
	bool plain = field->kind <= QK_KIND_FLOAT || is_text(field);

	switch (e->operator) {
	case 0:
		return plain && !list ? 0 : -EINVAL;
	case '[':
		return plain && list && e->operand_size && e->operand[e->operand_size - 1] == ']'
			       ? 0
			       : -EINVAL;
	case ':':
		if (operand_is_hex(e) || operand_is(e, "bytes") || operand_is(e, "ascii") ||
		    operand_is(e, "bcd"))
			return field->kind == QK_KIND_BYTES || (list && field->size == 1) ? 0
											  : -EINVAL;
		if (operand_is(e, "ip"))
			return is_address(field, list) ? 0 : -EINVAL;
		return number && (operand_is(e, "0x") ||
				  (e->operand_size == 1 && strchr("xXnui", *e->operand)))
			       ? 0
			       : -EINVAL;
	case '?':
		return number && memchr(e->operand, ':', e->operand_size) ? 0 : -EINVAL;
	default:
		return number && e->operand_size ? 0 : -EINVAL;
	}
}

/* {@}, {@1}, {@device} */
static int print_place(const struct text_scope *scope, const char *words, size_t size,
		       struct output *out)
{
	if (size == 0)
		output_printf(out, "%zu", scope->index);
	else if (size == 1 && *words >= '0' && *words <= '9')
		output_printf(out, "%zu", scope->index + (size_t)(*words - '0'));
	else if (size == strlen("device") && !memcmp(words, "device", size))
		output_printf(out, "%s", scope->device ? scope->device : "");
	else
		return -EINVAL;
	return 0;
}

static int print_count(const struct text_scope *scope, const struct expression *e,
		       struct output *out)
{
	struct text_value value;
	int r = text_find(scope, e->path, &value);

	if (r < 0)
		return r;
	if (value.field->kind == QK_KIND_BYTES)
		output_printf(out, "%zu", text_bytes(scope, e->path).size);
	else if (value.field->flags & QK_FIELD_LIST)
		output_printf(out, "%" PRId64, text_number(scope, e->path, 0));
	else
		return -EINVAL;
	return 0;
}

int text_expression(const struct text_scope *scope, const char *words, size_t size,
		    struct output *out)
{
	bool count = size && *words == '#';
	struct expression e;
	struct text_value value;

	if (size && *words == '@')
		return print_place(scope, words + 1, size - 1, out);

	int r = parse(words + count, size - count, &e);

	if (r < 0)
		return r;
	if (count)
		return print_count(scope, &e, out);
	r = text_find(scope, e.path, &value);
	if (r == -ENODATA) {
		if (e.operator== '?')
			print_word(&e, false, out);
		else
			print_otherwise(&e, "(null)", out);
		return 0;
	}
	if (r < 0)
		return r;
	r = check(&e, &value);
	if (r < 0 || !value.data)
		return r;
	return print_value(scope, &e, &value, out);
}
