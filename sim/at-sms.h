/*
 * AT SMS: what the commands about messages share.
 *
 * Owns: nothing. Does not know: how messages travel; sms.h does.
 * Lifetime: none. Called from: at-sms.c, at-sms-send.c and at-sms-text.c.
 */
#pragma once

#include "at-modem.h"
#include "lib/3gpp/sms-text.h"
#include "sms.h"

/* The memories of +CPMS. SR, that of reports, cannot be read: a quirk of the EC25 [S]. */
enum qk_at_memory { QK_AT_MEMORY_ME, QK_AT_MEMORY_SM, QK_AT_MEMORY_MT, QK_AT_MEMORY_SR };

/* A message's place in a memory: the store and the index there. MT is ME with SM behind it. */
struct qk_at_place {
	uint32_t store;
	size_t index;
};

/* The place of index `i` of a memory; false: it has none. */
bool qk_at_memory_place(uint32_t memory, size_t i, struct qk_at_place *ret);
/* The index in `memory` of a place. */
size_t qk_at_memory_index(uint32_t memory, const struct qk_at_place *place);
/* The name of a memory. */
const char *qk_at_memory_name(uint32_t memory);

/* The octets of a PDU as hexadecimal digits; `ret` has room for 2 * QK_SIM_SMS_PDU_MAX + 1. How many octets
 * are behind the message centre, which +CMGL and others give as the length. */
size_t qk_at_pdu_text(const struct qk_sim_sms_pdu *pdu, char *ret);

/* What stands between "+CMGR: <stat>," or "+CMGL: <index>,<stat>," and the text, and the text in the host's
 * character set: at most QK_AT_SAY_MAX characters each. `details`: as AT+CSDH=1 has it. */
void qk_at_message_head(const struct qk_at_call *call, const struct qk_sms *sms, bool list,
			bool details, char *ret, size_t size);
size_t qk_at_message_text(const struct qk_at_call *call, const struct qk_sms *sms, char *ret,
			  size_t size);
