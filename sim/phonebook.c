/*
 * Phone book: the files, and entries in and out of their records.
 */
#include "phonebook.h"

#include <string.h>

#include "lib/3gpp/sim-file.h"

#define RECORD_MAX 256
#define EF_ECC 0x6fb7

const struct qk_sim_file *qk_sim_book_file(const struct qk_sim_card *card, enum qk_sim_book book)
{
	static const uint16_t ids[QK_SIM_BOOK_COUNT] = {
		[QK_SIM_BOOK_ADN] = 0x6f3a,
		[QK_SIM_BOOK_FDN] = 0x6f3b,
		[QK_SIM_BOOK_MSISDN] = 0x6f40,
	};
	const struct qk_sim_file *file = qk_sim_card_find_id(card, ids[book]);

	return file && file->record_size >= QK_DIALLING_SIZE ? file : NULL;
}

unsigned int qk_sim_book_name_size(const struct qk_sim_file *file)
{
	return file->record_size - QK_DIALLING_SIZE;
}

bool qk_sim_book_read(const struct qk_sim_card *card, const struct qk_sim_file *file,
		      unsigned int i, struct qk_sim_book_entry *ret)
{
	struct qk_span record;

	if (qk_sim_card_read_record(card, file, i, &record) != QK_SIM_SW_OK)
		return false;
	if (qk_dialling_read(record, ret->name, sizeof(ret->name), ret->number,
			     sizeof(ret->number)) < 0)
		return false;
	return ret->name[0] || ret->number[0];
}

unsigned int qk_sim_book_used(const struct qk_sim_card *card, const struct qk_sim_file *file)
{
	struct qk_sim_book_entry entry;
	unsigned int used = 0;

	for (unsigned int i = 1; i <= qk_sim_file_records(file); i++)
		used += qk_sim_book_read(card, file, i, &entry);
	return used;
}

unsigned int qk_sim_book_free(const struct qk_sim_card *card, const struct qk_sim_file *file,
			      unsigned int i)
{
	struct qk_sim_book_entry entry;

	for (; i <= qk_sim_file_records(file); i++)
		if (!qk_sim_book_read(card, file, i, &entry))
			return i;
	return 0;
}

uint16_t qk_sim_book_write(struct qk_sim_state *state, const struct qk_sim_file *file,
			   unsigned int i, const struct qk_sim_book_entry *entry)
{
	uint8_t record[RECORD_MAX];

	if (file->record_size > sizeof(record))
		return QK_SIM_SW_WRONG_TYPE;
	memset(record, 0xff, sizeof(record));
	if ((entry->name[0] || entry->number[0]) &&
	    qk_dialling_write(entry->name, entry->number, record, file->record_size) < 0)
		return QK_SIM_SW_WRONG_LENGTH;
	return qk_sim_card_write_record(state, file, i,
					(struct qk_span){ record, file->record_size });
}

/* --- Emergency numbers: three bytes of digits, a name, a byte of categories */

enum { ECC_DIGITS = 3, ECC_SIZE_MIN = ECC_DIGITS + 1 };

static const struct qk_sim_file *emergency_file(const struct qk_sim_card *card)
{
	const struct qk_sim_file *file = qk_sim_card_find_id(card, EF_ECC);

	return file && file->record_size >= ECC_SIZE_MIN ? file : NULL;
}

unsigned int qk_sim_book_emergencies(const struct qk_sim_card *card)
{
	const struct qk_sim_file *file = emergency_file(card);

	return file ? qk_sim_file_records(file) : 0;
}

bool qk_sim_book_emergency(const struct qk_sim_card *card, unsigned int i, char ret_number[7],
			   uint8_t *ret_categories)
{
	const struct qk_sim_file *file = emergency_file(card);
	struct qk_span record;

	if (!file || qk_sim_card_read_record(card, file, i, &record) != QK_SIM_SW_OK)
		return false;
	*ret_categories = record.data[record.size - 1];
	return !qk_bcd_read((struct qk_span){ record.data, ECC_DIGITS }, false, ret_number, 7) &&
	       ret_number[0];
}
