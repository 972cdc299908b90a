/* Tables: what codegen wrote for every message holds together. The engine trusts it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include "lib/codec/tables.h"

/* Calls `fn` for every message of every service. */
static void each_message(void (*fn)(const struct qk_message *message))
{
	for (size_t s = 0; qk_services()[s]; s++) {
		const struct qk_service *service = qk_services()[s];

		for (size_t i = 0; i < service->method_count; i++) {
			fn(service->methods[i].request);
			fn(service->methods[i].response);
		}
		for (size_t i = 0; i < service->indication_count; i++)
			fn(service->indications[i]);
	}
}

static void each_field_below(const struct qk_field *f, void (*fn)(const struct qk_field *f))
{
	size_t count;
	const struct qk_field *members = qk_field_members(f, &count);

	fn(f);
	for (size_t i = 0; i < count; i++)
		each_field_below(&members[i], fn);
}

static void check_places(const struct qk_message *m)
{
	for (size_t i = 0; i < m->tlv_count; i++) {
		const struct qk_tlv_def *def = &m->tlvs[i];

		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(m->tlvs[k].type, def->type);
		assert_in_range(def->has, sizeof(struct qk_extras), m->size - sizeof(bool));
		assert_in_range(def->field.offset, def->has + 1, m->size - 1);
	}
}

static void every_tlv_has_a_type_and_a_place_of_its_own(void **state)
{
	(void)state;
	each_message(check_places);
}

static void check_values(const struct qk_field *f)
{
	const struct qk_values *values = qk_field_values(f);

	assert_true(!values || f->kind <= QK_KIND_INT);
	assert_true(values || !(f->flags & QK_FIELD_FLAGS));
	for (size_t i = 1; values && i < values->count; i++)
		assert_true(qk_nth_value(values, i - 1).value < qk_nth_value(values, i).value);
}

static void check_values_of(const struct qk_message *m)
{
	for (size_t i = 0; i < m->tlv_count; i++)
		each_field_below(&m->tlvs[i].field, check_values);
}

static void values_rise(void **state)
{
	(void)state;
	each_message(check_values_of);
}

/* Checks that `step` moves just the fields from `f` on; returns how many those are. */
static size_t check_step(const struct qk_step *step, const struct qk_field *f)
{
	assert_int_equal(f->offset, step->offset);
	if (step->kind != QK_STEP_BYTES) {
		bool digits = step->kind == QK_STEP_DIGITS;

		assert_int_equal(step->bools, 0);
		assert_int_equal(f->flags & (QK_FIELD_LIST | QK_FIELD_BIG_ENDIAN), 0);
		assert_int_equal(f->kind == QK_KIND_DIGITS, digits);
		assert_int_equal(digits ? f->fixed : f->width, step->size);
		assert_int_equal(f->size, digits ? step->size + 1 : step->size);
		assert_true(digits || step->size == 2 || step->size == 4 || step->size == 8);
		return 1;
	}
	assert_in_range(step->size, 1, 32);
	for (size_t i = 0; i < step->size; i++) {
		assert_int_equal(f[i].offset, step->offset + i);
		assert_int_equal(f[i].width, 1);
		assert_int_equal(f[i].size, 1);
		assert_int_equal(f[i].flags & QK_FIELD_LIST, 0);
		assert_int_equal(f[i].kind == QK_KIND_BOOL, step->bools >> i & 1);
	}
	return step->size;
}

static void check_steps(const struct qk_field *f)
{
	const struct qk_struct *s = qk_struct_of(f);
	size_t field = 0, bytes = 0;

	if (f->kind != QK_KIND_STRUCT || !s->step_count)
		return;
	for (size_t i = 0; i < s->step_count; i++) {
		const struct qk_step *step = &qk_steps_of(s)[i];

		assert_in_range(field, 0, s->member_count - 1);
		field += check_step(step, &qk_members_of(s)[field]);
		bytes += step->size;
	}
	assert_int_equal(field, s->member_count);
	assert_int_equal(bytes, s->wire_size);
}

static void check_steps_of(const struct qk_message *m)
{
	for (size_t i = 0; i < m->tlv_count; i++)
		each_field_below(&m->tlvs[i].field, check_steps);
}

/* Fields of one byte that one copy moves must be neighbours in memory, with this compiler too. */
static void steps_move_each_field_to_its_place(void **state)
{
	(void)state;
	each_message(check_steps_of);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_tlv_has_a_type_and_a_place_of_its_own),
		cmocka_unit_test(values_rise),
		cmocka_unit_test(steps_move_each_field_to_its_place),
	};

	return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
