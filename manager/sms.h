/*
 * SMS: one short message of a modem, of one or more parts: its object on the bus, its PDUs.
 *
 * Owns: the object, the parts. Does not know: how messages arrive, how many there may be (messaging.c).
 * Lifetime: sms_new() to sms_free(). Called from: messaging.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "api/object.h"
#include "children.h"
#include "lib/3gpp/sms-pdu.h"
#include "modem.h"

/* A part: what it says, and where the modem keeps it. */
struct sms_part {
	bool there, stored;
	uint8_t storage; /* QK_WMS_STORAGE_TYPE_* */
	uint32_t index;
	struct qk_sms pdu;
};

struct sms {
	struct child child; /* in the list of the modem's */
	struct modem *modem;
	struct sms_part *parts;
	size_t count; /* of parts there shall be */
	enum mm_sms_state state;
	uint8_t at;      /* the part to send or store */
	uint8_t storage; /* where it is being stored */
	bool storing;    /* nothing else is done to it meanwhile */
};

/* Of `count` parts, 1 to 255, none of which is there. -ENOMEM, or what the bus says. */
QK_MUST_CHECK int sms_new(struct modem *modem, size_t count, struct sms **ret);
/* Off the bus, without a word to the modem. NULL is fine; returns NULL. */
struct sms *sms_free(struct sms *sms);
const char *sms_path(const struct sms *sms);

/* The part that the PDU is, where it is of this message and still misses; NULL: it is of another. */
struct sms_part *sms_place(struct sms *sms, const struct qk_sms *pdu);
bool sms_is_whole(const struct sms *sms);

/* Fills the parts of one to be sent from the properties of Create(). -EINVAL with what is wrong with them; -ENOMEM. */
QK_MUST_CHECK int sms_compose(struct modem *modem, const json_t *properties, struct sms **ret,
			      const char **ret_wrong);

/* Tells what the parts say. */
void sms_tell(struct sms *sms);
void sms_set_state(struct sms *sms, enum mm_sms_state state);
/* What a status report says of one that was sent. */
void sms_take_report(struct sms *sms, const struct qk_sms *report);

/* MM_SMS_STORAGE_* and back. */
enum mm_sms_storage sms_storage_of(uint8_t qmi);
/* False: the modem has no such storage. */
bool sms_storage_qmi(json_int_t storage, uint8_t *ret);
