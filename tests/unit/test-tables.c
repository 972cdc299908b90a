/* Tables: what codegen wrote for every message holds together. The engine trusts it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <qmikit/codec.h>

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
	fn(f);
	for (size_t i = 0; f->kind == QK_KIND_STRUCT && i < f->members->count; i++)
		each_field_below(&f->members->fields[i], fn);
}

static void check_types(const struct qk_message *m)
{
	for (size_t i = 0; i < m->tlv_count; i++) {
		const struct qk_tlv_def *def = &m->tlvs[i];

		assert_int_equal((uint8_t)m->types[i], def->type);
		assert_ptr_equal(memchr(m->types, def->type, m->tlv_count), m->types + i);
		assert_in_range(def->has, sizeof(struct qk_extras), m->size - sizeof(bool));
		assert_in_range(def->field.offset, def->has + 1, m->size - 1);
	}
	if (m->types)
		assert_int_equal(m->types[m->tlv_count], 0);
}

static void types_are_those_of_the_tlvs_and_end_with_zero(void **state)
{
	(void)state;
	each_message(check_types);
}

static void check_values(const struct qk_field *f)
{
	for (size_t i = 1; f->kind <= QK_KIND_INT && f->values && i < f->values->count; i++)
		assert_true(f->values->names[i - 1].value < f->values->names[i].value);
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
	const struct qk_struct *s = f->kind == QK_KIND_STRUCT ? f->members : NULL;
	size_t field = 0, bytes = 0;

	if (!s || !s->steps)
		return;
	for (size_t i = 0; i < s->step_count; i++) {
		assert_in_range(field, 0, s->count - 1);
		field += check_step(&s->steps[i], &s->fields[field]);
		bytes += s->steps[i].size;
	}
	assert_int_equal(field, s->count);
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
		cmocka_unit_test(types_are_those_of_the_tlvs_and_end_with_zero),
		cmocka_unit_test(values_rise),
		cmocka_unit_test(steps_move_each_field_to_its_place),
	};

	return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
