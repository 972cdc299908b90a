/*
 * SIM files: what the files of a SIM or USIM hold, from bytes and to bytes.
 *
 * Owns: nothing; reads borrowed bytes, writes into the caller's buffer.
 * Does not know: QMI, APDUs, where the file came from.
 * Lifetime: pure functions.
 * Called from: the virtual modem's card; whoever shows what a SIM holds.
 * Sources: ETSI TS 102 221 (ICCID, DIR, FCP), 3GPP TS 31.102 and TS 51.011 (the others), TS 24.008 10.5.3.5a
 * (network names), ITU-T E.118.
 *
 * Readers return 0, or -EBADMSG for bytes that do not hold what was asked for. Text is UTF-8, ended by 0 and cut at
 * the buffer's end. Writers fill up with 0xff as the files do.
 */
#pragma once

#include "plmn.h"

#define QK_ICCID_SIZE 10
#define QK_IMSI_SIZE 9
#define QK_DIALLING_SIZE 14 /* of a phone book record behind its name */

/* Digits, two in a byte, the lower half first; an f ends or fills them up. The characters, at most `size` - 1; digits
 * above 9 are 'A' to 'F' where `hex`, else -EBADMSG. */
QK_PUBLIC QK_MUST_CHECK int qk_bcd_read(struct qk_span bytes, bool hex, char *ret, size_t size);
/* As many digits as `ret` has room for; 'A' to 'F' count. The bytes that hold digits. */
QK_PUBLIC size_t qk_bcd_write(const char *digits, uint8_t *ret, size_t size);

QK_PUBLIC QK_MUST_CHECK int qk_iccid_read(struct qk_span file, char ret[21]);
QK_PUBLIC void qk_iccid_write(const char *iccid, uint8_t ret[QK_ICCID_SIZE]);

QK_PUBLIC QK_MUST_CHECK int qk_imsi_read(struct qk_span file, char ret[16]);
QK_PUBLIC void qk_imsi_write(const char *imsi, uint8_t ret[QK_IMSI_SIZE]);

/* How many digits the MNC in the IMSI has, from EF_AD: 2 or 3. */
QK_PUBLIC QK_MUST_CHECK int qk_admin_data_read(struct qk_span file, uint8_t *ret_mnc_digits);

/* A name: 8-bit GSM alphabet, or UCS-2 behind 80, 81 or 82 (TS 102 221 annex A). 0xff ends it. Returns as
 * qk_gsm7_to_utf8(): the bytes the whole text needs. */
QK_PUBLIC QK_MUST_CHECK int qk_alpha_read(struct qk_span bytes, char *ret, size_t size);
/* Writes what fits into `size` bytes and fills up; in the GSM alphabet when all of it is plain ASCII there. */
QK_PUBLIC void qk_alpha_write(const char *text, uint8_t *ret, size_t size);

/* EF_SPN. `ret_condition` (may be NULL): the byte that says where to show it. */
QK_PUBLIC QK_MUST_CHECK int qk_spn_read(struct qk_span file, char *ret, size_t size,
					uint8_t *ret_condition);

/* A record of EF_ADN, FDN, MSISDN: its name and its number, with '+' when it is international. An empty record has
 * neither. */
QK_PUBLIC QK_MUST_CHECK int qk_dialling_read(struct qk_span record, char *ret_name,
					     size_t name_size, char *ret_number,
					     size_t number_size);
/* -EMSGSIZE when the number does not fit a record. `size` of the record is at least QK_DIALLING_SIZE. */
QK_PUBLIC QK_MUST_CHECK int qk_dialling_write(const char *name, const char *number, uint8_t *ret,
					      size_t size);

/* The address of the message centre in a record of EF_SMSP; empty where the record has none. */
QK_PUBLIC QK_MUST_CHECK int qk_smsp_read(struct qk_span record, char *ret, size_t size);
QK_PUBLIC QK_MUST_CHECK int qk_smsp_write(const char *name, const char *centre, uint8_t *ret,
					  size_t size);

/* A record of EF_DIR: the application's id and label. An empty record is -ENOENT. */
QK_PUBLIC QK_MUST_CHECK int qk_dir_read(struct qk_span record, struct qk_span *ret_aid,
					char *ret_label, size_t label_size);

/* A network's names, from EF_PNN; one that is missing is empty. */
QK_PUBLIC QK_MUST_CHECK int qk_pnn_read(struct qk_span record, char *ret_long, size_t long_size,
					char *ret_short, size_t short_size);
/* A name in that form: the bytes that it takes; -EMSGSIZE when it does not fit, -EILSEQ for a character outside
 * ASCII that GSM shares with it. `tag` is 0x43 (full) or 0x45 (short). */
QK_PUBLIC QK_MUST_CHECK int qk_pnn_write(uint8_t tag, const char *name, uint8_t *ret, size_t size);

enum qk_file_form { QK_FORM_TRANSPARENT, QK_FORM_LINEAR, QK_FORM_CYCLIC, QK_FORM_FOLDER };

/* What the answer to SELECT says of a file. */
struct qk_file_control {
	uint16_t id;   /* 0: not said */
	uint8_t form;  /* enum qk_file_form */
	uint16_t size; /* bytes of the whole file */
	uint16_t record_size, record_count;
	uint8_t life_cycle;  /* 5: in use */
	uint16_t rules_file; /* where the access rules are, and in which record; 0: not said */
	uint8_t rules_record;
	struct qk_span application; /* the id of the application that a folder is */
};

/* The template of file control parameters (tag 62). */
QK_PUBLIC QK_MUST_CHECK int qk_file_control_read(struct qk_span bytes, struct qk_file_control *ret);
/* The bytes written; -ENOBUFS. */
QK_PUBLIC QK_MUST_CHECK int qk_file_control_write(const struct qk_file_control *file, uint8_t *ret,
						  size_t size);
