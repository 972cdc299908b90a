/*
 * Profile, parsing: the rows of messages, calls, USSD, position and configurations.
 */
#include "profile-read.h"
#include "profile.h"

#define AT(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DELAY_MAX 600000000

static const struct qk_sim_word store_words[] = {
	{ "sm", QK_SIM_SMS_SM },
	{ "me", QK_SIM_SMS_ME },
	{ NULL, 0 },
};
static const struct qk_sim_word remote_words[] = {
	{ "answer", QK_SIM_REMOTE_ANSWER },       { "ring", QK_SIM_REMOTE_RING },
	{ "busy", QK_SIM_REMOTE_BUSY },           { "reject", QK_SIM_REMOTE_REJECT },
	{ "no-number", QK_SIM_REMOTE_NO_NUMBER }, { NULL, 0 },
};
static const struct qk_sim_word ussd_words[] = {
	{ "done", QK_SIM_USSD_DONE },       { "more", QK_SIM_USSD_MORE },
	{ "ended", QK_SIM_USSD_ENDED },     { "unsupported", QK_SIM_USSD_UNSUPPORTED },
	{ "timeout", QK_SIM_USSD_TIMEOUT }, { NULL, 0 },
};

static const struct qk_sim_member sms_members[] = {
	{ "store", WORD, AT(qk_sim_sms_profile, store), .words = store_words },
	{ "send-usec", UINT, AT(qk_sim_sms_profile, send_usec), .max = DELAY_MAX },
	{ "report-usec", UINT, AT(qk_sim_sms_profile, report_usec), .max = DELAY_MAX },
	{ "gap-usec", UINT, AT(qk_sim_sms_profile, gap_usec), .max = DELAY_MAX },
};

static const struct qk_sim_member voice_members[] = {
	{ "ring-usec", UINT, AT(qk_sim_voice_profile, ring_usec), .max = DELAY_MAX },
	{ "answer-usec", UINT, AT(qk_sim_voice_profile, answer_usec), .max = DELAY_MAX },
	{ "give-up-usec", UINT, AT(qk_sim_voice_profile, give_up_usec), .max = DELAY_MAX },
	{ "ussd-usec", UINT, AT(qk_sim_voice_profile, ussd_usec), .max = DELAY_MAX },
};

static const struct qk_sim_member remote_members[] = {
	{ "number", TEXT, AT(qk_sim_remote, number) },
	{ "act", WORD, AT(qk_sim_remote, act), .words = remote_words },
};

static const struct qk_sim_member ussd_members[] = {
	{ "menu", TEXT, AT(qk_sim_ussd_reply, menu), .optional = true },
	{ "input", TEXT, AT(qk_sim_ussd_reply, input) },
	{ "reply", TEXT, AT(qk_sim_ussd_reply, reply), .max = 182 },
	{ "then", WORD, AT(qk_sim_ussd_reply, action), .words = ussd_words },
	{ "opens", TEXT, AT(qk_sim_ussd_reply, opens), .optional = true },
};

static const struct qk_sim_member gnss_members[] = {
	{ "first-fix-usec", UINT, AT(qk_sim_gnss_profile, first_fix_usec), .max = DELAY_MAX },
	{ "speed", REAL, AT(qk_sim_gnss_profile, speed_km_h), .max = 1000 },
	{ "altitude", REAL, AT(qk_sim_gnss_profile, altitude_m), .min = -500, .max = 18000 },
};

static const struct qk_sim_member route_members[] = {
	{ "latitude", REAL, AT(qk_sim_place, latitude), .min = -89, .max = 89 },
	{ "longitude", REAL, AT(qk_sim_place, longitude), .min = -180, .max = 180 },
};

static const struct qk_sim_member mbn_members[] = {
	{ "id", HEX, AT(qk_sim_mbn_profile, id) },
	{ "name", TEXT, AT(qk_sim_mbn_profile, name) },
	{ "version", UINT, AT(qk_sim_mbn_profile, version), .max = UINT32_MAX },
	{ "date", DIGITS, AT(qk_sim_mbn_profile, date) },
	{ "size", UINT, AT(qk_sim_mbn_profile, size), .max = UINT32_MAX },
	{ "active", BOOL, AT(qk_sim_mbn_profile, active), .optional = true },
};

#define PART(member) offsetof(struct qk_sim_profile, member)

const struct qk_sim_section qk_sim_sms_section = { "sms", sms_members, COUNT(sms_members),
						   PART(sms) };
const struct qk_sim_section qk_sim_voice_section = { "voice", voice_members, COUNT(voice_members),
						     PART(voice) };
const struct qk_sim_section qk_sim_gnss_section = { "gnss", gnss_members, COUNT(gnss_members),
						    PART(gnss) };
const struct qk_sim_section qk_sim_remotes_section = { "remotes", remote_members,
						       COUNT(remote_members), PART(remotes) };
const struct qk_sim_section qk_sim_ussd_section = { "ussd", ussd_members, COUNT(ussd_members),
						    PART(ussd) };
const struct qk_sim_section qk_sim_route_section = { "route", route_members, COUNT(route_members),
						     PART(route) };
const struct qk_sim_section qk_sim_mbn_section = { "configurations", mbn_members,
						   COUNT(mbn_members), PART(mbn) };
