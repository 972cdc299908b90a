/*
 * Tables: what the rows of messages and fields mean by their numbers. codegen writes it (tables.c).
 *
 * Owns: the tables, which are constant and hold no pointer where a number does: pages of pointers
 * would be written by the loader at each start of each program.
 * Does not know: single messages. Lifetime: that of the library.
 * Called from: the files of lib/codec only.
 */
#pragma once

#include <qmikit/codec.h>

/* How one copy moves a piece of a struct. */
enum qk_step_kind {
	QK_STEP_BYTES,  /* fields of one byte each that stand in a row, on the wire and in memory */
	QK_STEP_NUMBER, /* 2, 4 or 8 bytes, little endian, as wide in memory */
	QK_STEP_DIGITS, /* as QK_KIND_DIGITS */
};

struct qk_step {
	uint8_t kind;    /* enum qk_step_kind */
	uint8_t size;    /* bytes on the wire; of QK_STEP_BYTES at most 32 */
	uint16_t offset; /* in the struct */
	uint32_t bools;  /* QK_STEP_BYTES: which of them are bool; bit 0 is the first */
};

/* The members of a struct. */
struct qk_struct {
	uint16_t first_member, member_count;
	/* The same as copies, where every member is a part of one: most structs are. Else 0. */
	uint16_t step_count;
	uint16_t wire_size; /* the bytes of all steps */
};

/* A struct and then its steps: as they are read together, they stand together. */
union qk_layout {
	struct qk_struct its;
	struct qk_step step;
};

_Static_assert(sizeof(union qk_layout) == 8 && sizeof(struct qk_tlv_def) == 24,
	       "rows are read at each frame: let them stay small");

extern const char qk_names[]; /* each name ended by a 0; the first is empty */
extern const struct qk_field qk_all_members[];
/* The first of both is empty: what a field without any has. */
extern const union qk_layout qk_all_structs[];
extern const struct qk_values qk_all_values[];
/* Of values: the numbers, and for each of them where its name is in qk_names. */
extern const int64_t qk_all_numbers[];
extern const uint32_t qk_number_names[];
extern const int64_t qk_newer_numbers[];

extern const struct qk_service *const qk_all_services[]; /* ends with NULL */
extern const struct qk_error_info qk_all_errors[];
extern const size_t qk_all_errors_count;
extern const char *const qk_all_units[];

static inline const char *qk_name_of(const struct qk_field *field)
{
	return qk_names + field->name_at;
}

static inline const struct qk_values *qk_values_of(const struct qk_field *field)
{
	return field->below ? &qk_all_values[field->below] : NULL;
}

static inline const struct qk_struct *qk_struct_of(const struct qk_field *field)
{
	return &qk_all_structs[field->below].its;
}

static inline const struct qk_field *qk_members_of(const struct qk_struct *s)
{
	return &qk_all_members[s->first_member];
}

static inline const struct qk_step *qk_steps_of(const struct qk_struct *s)
{
	return &((const union qk_layout *)s)[1].step;
}
