/*
 * Control, data: data calls that the network ends or refuses, the quality of the radio link, and names
 * that the modem's DNS server knows.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "control-table.h"

enum reason {
	EMM_DETACHED,
	REGULAR,
	NO_SERVICE,
	RADIO_OFF,
	CARD,
	BUSY,
	UNKNOWN_APN,
	BAD_LOGIN,
	IPV4_DISALLOWED,
	IPV6_DISALLOWED,
	IPV4_ONLY,
	IPV6_ONLY,
	SINGLE_ADDRESS,
	ROAMING,
	APN_DISABLED,
	OTHER, /* by its numbers */
};

static const struct qk_sim_word reason_words[] = {
	{ "emm-detached", EMM_DETACHED },
	{ "regular", REGULAR },
	{ "no-service", NO_SERVICE },
	{ "radio-off", RADIO_OFF },
	{ "invalid-sim-state", CARD },
	{ "busy", BUSY },
	{ "unknown-apn", UNKNOWN_APN },
	{ "bad-login", BAD_LOGIN },
	{ "ipv4-disallowed", IPV4_DISALLOWED },
	{ "ipv6-disallowed", IPV6_DISALLOWED },
	{ "ipv4-only", IPV4_ONLY },
	{ "ipv6-only", IPV6_ONLY },
	{ "single-address", SINGLE_ADDRESS },
	{ "roaming", ROAMING },
	{ "apn-disabled", APN_DISABLED },
	{ "other", OTHER },
	{ NULL, 0 },
};

static const struct qk_sim_end_reason *const reasons[] = {
	[EMM_DETACHED] = &qk_sim_end_emm_detached,
	[REGULAR] = &qk_sim_end_regular,
	[NO_SERVICE] = &qk_sim_end_no_service,
	[RADIO_OFF] = &qk_sim_end_radio_off,
	[CARD] = &qk_sim_end_card,
	[BUSY] = &qk_sim_end_busy,
	[UNKNOWN_APN] = &qk_sim_end_unknown_apn,
	[BAD_LOGIN] = &qk_sim_end_bad_login,
	[IPV4_DISALLOWED] = &qk_sim_end_ipv4_disallowed,
	[IPV6_DISALLOWED] = &qk_sim_end_ipv6_disallowed,
	[IPV4_ONLY] = &qk_sim_end_ipv4_only,
	[IPV6_ONLY] = &qk_sim_end_ipv6_only,
	[SINGLE_ADDRESS] = &qk_sim_end_single_address,
	[ROAMING] = &qk_sim_end_roaming,
	[APN_DISABLED] = &qk_sim_end_apn_disabled,
};

struct ending {
	uint32_t reason; /* enum reason */
	struct qk_sim_end_reason end;
	uint8_t context;
	uint32_t count;
};

/* clang-format off */
#define E(member) QK_CONTROL_AT(ending, member)
#define REASON_MEMBERS                                                                          \
	{ "reason", WORD, E(reason), .words = reason_words, .optional = true },                 \
	{ "call", UINT, E(end.call), .max = UINT16_MAX, .optional = true },                     \
	{ "type", UINT, E(end.type), .max = UINT16_MAX, .optional = true },                     \
	{ "code", INT, E(end.reason), .min = INT16_MIN, .max = INT16_MAX, .optional = true }
/* clang-format on */

static const struct qk_sim_member drop_members[] = {
	REASON_MEMBERS,
	{ "context", UINT, QK_CONTROL_AT(ending, context), .max = QK_SIM_CONTEXTS_MAX,
	  .optional = true },
};
static const struct qk_sim_member fail_members[] = {
	REASON_MEMBERS,
	{ "count", UINT, QK_CONTROL_AT(ending, count), .max = UINT32_MAX, .optional = true },
};

static void prepare_drop(const struct qk_sim_state *state, void *arguments)
{
	(void)state;
	((struct ending *)arguments)->reason = EMM_DETACHED;
}

static void prepare_fail(const struct qk_sim_state *state, void *arguments)
{
	(void)state;
	*(struct ending *)arguments = (struct ending){ .reason = NO_SERVICE, .count = 1 };
}

/* The reason that is meant: a named one, in which single numbers may be others. */
static struct qk_sim_end_reason end_of(const struct qk_control_call *call)
{
	const struct ending *arguments = call->arguments;
	struct qk_sim_end_reason end =
		arguments->reason == OTHER ? arguments->end : *reasons[arguments->reason];

	if (call->given & 1u << 1)
		end.call = arguments->end.call;
	if (call->given & 1u << 2)
		end.type = arguments->end.type;
	if (call->given & 1u << 3)
		end.reason = arguments->end.reason;
	return end;
}

static int drop_calls(struct qk_control_call *call)
{
	const struct ending *arguments = call->arguments;
	const struct qk_sim_end_reason end = end_of(call);

	if (!qk_sim_bearer_any_up(call->state))
		return qk_control_refuse(call, "data-drop: no data call is up");
	qk_sim_bearer_drop(call->state, arguments->context, &end);
	return 0;
}

static int fail_calls(struct qk_control_call *call)
{
	const struct ending *arguments = call->arguments;
	const struct qk_sim_end_reason end = end_of(call);

	qk_sim_bearer_arm(call->state, &end, arguments->count);
	return 0;
}

static int renumber(struct qk_control_call *call)
{
	if (!qk_sim_bearer_any_up(call->state))
		return qk_control_refuse(call, "data-renumber: no data call is up");
	qk_sim_bearer_renumber(call->state);
	return 0;
}

/* --- The link */

enum direction { BOTH, UPLINK, DOWNLINK };

struct link {
	uint32_t direction; /* enum direction */
	uint64_t rate_bps;
	uint32_t latency_msec;
	double loss;
};

static const struct qk_sim_word direction_words[] = {
	{ "both", BOTH },
	{ "uplink", UPLINK },
	{ "downlink", DOWNLINK },
	{ NULL, 0 },
};

static const struct qk_sim_member link_members[] = {
	{ "direction", WORD, QK_CONTROL_AT(link, direction), .words = direction_words },
	{ "rate-bps", UINT, QK_CONTROL_AT(link, rate_bps), .max = INT64_C(1000000000000) },
	{ "latency-ms", UINT, QK_CONTROL_AT(link, latency_msec), .max = 60000 },
	{ "loss", REAL, QK_CONTROL_AT(link, loss), .max = 1 },
};

static void set_channel(struct qk_sim_channel *channel, const struct link *link, uint32_t given)
{
	if (given & 1u << 1)
		channel->rate_bps = link->rate_bps;
	if (given & 1u << 2)
		channel->latency_usec = (uint64_t)link->latency_msec * 1000;
	if (given & 1u << 3)
		channel->loss_ppm = (uint32_t)(link->loss * 1e6 + 0.5);
}

static int set_link(struct qk_control_call *call)
{
	const struct link *link = call->arguments;

	if (link->direction != DOWNLINK)
		set_channel(&call->state->link.uplink, link, call->given);
	if (link->direction != UPLINK)
		set_channel(&call->state->link.downlink, link, call->given);
	return 0;
}

/* --- Names */

struct name {
	char name[64], address4[INET_ADDRSTRLEN], address6[INET6_ADDRSTRLEN];
};

static const struct qk_sim_member name_members[] = {
	{ "name", TEXT, QK_CONTROL_AT(name, name) },
	{ "address4", TEXT, QK_CONTROL_AT(name, address4), .optional = true },
	{ "address6", TEXT, QK_CONTROL_AT(name, address6), .optional = true },
};

/* The place of a name that is known, else the next free one. */
static struct qk_sim_name *find_name(struct qk_sim_link *link, const char *name)
{
	for (size_t i = 0; i < link->name_count; i++)
		if (strcasecmp(link->names[i].name, name) == 0)
			return &link->names[i];
	return link->name_count < QK_SIM_NAMES_MAX ? &link->names[link->name_count] : NULL;
}

static int set_name(struct qk_control_call *call)
{
	const struct name *arguments = call->arguments;
	struct qk_sim_name name = { 0 };
	struct in_addr address4;

	if (!*arguments->name)
		return qk_control_refuse(call, "dns: the name is empty");
	memcpy(name.name, arguments->name, sizeof(name.name));
	if (*arguments->address4 && inet_pton(AF_INET, arguments->address4, &address4) != 1)
		return qk_control_refuse(call, "dns: address4 is no IPv4 address");
	if (*arguments->address4)
		name.address4 = ntohl(address4.s_addr);
	if (*arguments->address6 && inet_pton(AF_INET6, arguments->address6, name.address6) != 1)
		return qk_control_refuse(call, "dns: address6 is no IPv6 address");
	struct qk_sim_name *at = find_name(&call->state->link, arguments->name);
	if (!at)
		return qk_control_refuse(call, "dns: there are %u names already", QK_SIM_NAMES_MAX);
	*at = name;
	if (at == &call->state->link.names[call->state->link.name_count])
		call->state->link.name_count++;
	return 0;
}

#define ENDING(members) members, QK_CONTROL_COUNT(members), sizeof(struct ending)

static const struct qk_control_row rows[] = {
	{ "data-drop", "the network ends data calls, those of a context or all",
	  ENDING(drop_members), drop_calls, prepare_drop },
	{ "data-fail",
	  "the network refuses the next data calls, COUNT of them (1; 0: none any more)",
	  ENDING(fail_members), fail_calls, prepare_fail },
	{ "data-renumber", "the network gives each data call another address", .fn = renumber },
	{ "link", "rate, latency and loss of the radio link; 0 is without limit", link_members,
	  QK_CONTROL_COUNT(link_members), sizeof(struct link), set_link, .partial = true },
	{ "dns", "a name that the modem's DNS server knows; without an address it has none",
	  name_members, QK_CONTROL_COUNT(name_members), sizeof(struct name), set_name },
};

const struct qk_control_rows qk_control_data_rows = { rows, QK_CONTROL_COUNT(rows) };
