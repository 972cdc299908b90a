/*
 * Phone book: names and numbers in the records of the card's files.
 *
 * Owns: nothing; the records are the card's. Does not know: AT, QMI, character sets other than UTF-8.
 * Lifetime: functions over the state. Called from: the AT commands of the phone book, PBM.
 * Sources: 3GPP TS 31.102 4.2 (FDN, MSISDN, ECC) and 4.4.2 (ADN).
 */
#pragma once

#include "card.h"

#define QK_SIM_BOOK_NAME_MAX 256 /* of UTF-8 */
#define QK_SIM_BOOK_NUMBER_MAX 24
#define QK_SIM_BOOK_DIGITS_MAX 20

enum qk_sim_book {
	QK_SIM_BOOK_ADN,    /* abbreviated dialling numbers */
	QK_SIM_BOOK_FDN,    /* fixed dialling numbers */
	QK_SIM_BOOK_MSISDN, /* own numbers */
	QK_SIM_BOOK_COUNT,
};

struct qk_sim_book_entry {
	char name[QK_SIM_BOOK_NAME_MAX], number[QK_SIM_BOOK_NUMBER_MAX];
};

/* The file of a book; NULL: the card has none. Borrowed until the card is taken out. */
const struct qk_sim_file *qk_sim_book_file(const struct qk_sim_card *card, enum qk_sim_book book);

/* Bytes of a name in a record. */
unsigned int qk_sim_book_name_size(const struct qk_sim_file *file);

/* Whether record `i` (from 1 on) holds an entry. */
bool qk_sim_book_read(const struct qk_sim_card *card, const struct qk_sim_file *file,
		      unsigned int i, struct qk_sim_book_entry *ret);
/* How many records hold one; the first free record from `i` on, or 0. */
unsigned int qk_sim_book_used(const struct qk_sim_card *card, const struct qk_sim_file *file);
unsigned int qk_sim_book_free(const struct qk_sim_card *card, const struct qk_sim_file *file,
			      unsigned int i);

/* Writes an entry, or with neither name nor number empties the record. A status word;
 * QK_SIM_SW_WRONG_LENGTH when it does not fit. */
uint16_t qk_sim_book_write(struct qk_sim_state *state, const struct qk_sim_file *file,
			   unsigned int i, const struct qk_sim_book_entry *entry);

/* Emergency number `i` (from 1 on) of the card, and its categories. False: there is none in that record. */
bool qk_sim_book_emergency(const struct qk_sim_card *card, unsigned int i, char ret_number[7],
			   uint8_t *ret_categories);
/* How many records the card has for them. */
unsigned int qk_sim_book_emergencies(const struct qk_sim_card *card);
