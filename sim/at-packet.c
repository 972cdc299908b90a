/*
 * AT packet: PDP contexts, which QMI calls profiles, and data calls (see at-modem.h). Sources: 3GPP
 * TS 27.007 10.1, the public AT manual for +QICSGP [M], public guides for $QCRMCALL [R].
 */
#include "at-modem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bearer.h"
#include "modem.h"

static const char *const types[] = { "IP", "PPP", "IPV6", "IPV4V6", NULL };

#define ADDRESS_TEXT_MAX 160

/* An address of IPv4, or one and its mask. */
static void text4(uint32_t address, char *ret, size_t size)
{
	snprintf(ret, size, "%u.%u.%u.%u", address >> 24, address >> 16 & 0xff, address >> 8 & 0xff,
		 address & 0xff);
}

/* IPv6 is sixteen numbers with dots [S]. */
static void text6(const uint8_t address[16], char *ret, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < 16 && used < size; i++)
		used += (size_t)snprintf(ret + used, size - used, "%s%u", i ? "." : "", address[i]);
}

static const char *no_address(uint32_t type)
{
	return type == QK_SIM_PDP_IPV6 || type == QK_SIM_PDP_IPV4V6
		       ? "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"
		       : "0.0.0.0";
}

static int read_contexts(struct qk_at_call *call)
{
	for (uint8_t id = 1; id <= QK_SIM_CONTEXTS_MAX; id++) {
		const struct qk_sim_pdp_context *context = qk_sim_pdp_get(call->state, id);
		if (context)
			qk_at_say(call, "+CGDCONT: %u,\"%s\",\"%s\",\"%s\",%u,%u,0,0", id,
				  types[context->type], context->apn, no_address(context->type),
				  context->data_compression, context->header_compression);
	}
	return QK_AT_OK;
}

static int take_type(const struct qk_at_parsed *parsed, size_t i, uint32_t *type)
{
	if (!qk_at_has_arg(parsed, i))
		return 0;
	for (uint32_t k = 0; types[k]; k++) {
		if (qk_at_arg_is(parsed, i, types[k])) {
			*type = k;
			return 0;
		}
	}
	return -EINVAL;
}

/* The context with this id as it is, or a new one. */
static struct qk_sim_pdp_context context_of(const struct qk_at_call *call, uint32_t id)
{
	const struct qk_sim_pdp_context *there = qk_sim_pdp_get(call->state, (uint8_t)id);

	return there ? *there : (struct qk_sim_pdp_context){ .id = (uint8_t)id };
}

static int store_context(struct qk_at_call *call, const struct qk_sim_pdp_context *context)
{
	return qk_sim_pdp_set(call->state, context) < 0 ? QK_AT_ERROR : QK_AT_OK;
}

static int set_context(struct qk_at_call *call)
{
	const struct qk_at_parsed *parsed = call->parsed;
	uint32_t id = 0, data = 0, header = 0;

	if (!qk_at_has_arg(parsed, 0) ||
	    qk_at_arg_number(parsed, 0, 1, QK_SIM_CONTEXTS_MAX, &id) < 0)
		return QK_AT_ERROR;
	if (parsed->arg_count == 1)
		return qk_sim_pdp_delete(call->state, (uint8_t)id) < 0
			       ? QK_AT_CME + QK_AT_CME_NOT_ALLOWED
			       : QK_AT_OK;
	struct qk_sim_pdp_context context = context_of(call, id);
	if (take_type(parsed, 1, &context.type) < 0 ||
	    (qk_at_has_arg(parsed, 2) &&
	     qk_at_arg_text(parsed, 2, context.apn, sizeof(context.apn)) < 0) ||
	    qk_at_arg_number(parsed, 4, 0, 2, &data) < 0 ||
	    qk_at_arg_number(parsed, 5, 0, 4, &header) < 0)
		return QK_AT_ERROR;
	context.data_compression = (uint8_t)data;
	context.header_compression = (uint8_t)header;
	return store_context(call, &context);
}

static int test_context(struct qk_at_call *call)
{
	for (size_t i = 0; types[i]; i++)
		qk_at_say(call, "+CGDCONT: (1-%d),\"%s\",,,(0-2),(0-4),(0-1),(0-1)",
			  QK_SIM_CONTEXTS_MAX, types[i]);
	return QK_AT_OK;
}

static bool has_call(const struct qk_at_call *call, uint8_t id)
{
	return qk_sim_bearer_of_context(call->state, id, 4) ||
	       qk_sim_bearer_of_context(call->state, id, 6);
}

/* A call is up on it, or it is that of the LTE attach, which has no address before a call takes it. */
static bool is_active(const struct qk_at_call *call, uint8_t id)
{
	struct qk_sim_state *state = call->state;

	return has_call(call, id) || (id == state->bearers.default_context &&
				      qk_sim_bearer_present(state) && !qk_sim_bearer_any_up(state));
}

static int read_active(struct qk_at_call *call)
{
	for (uint8_t id = 1; id <= QK_SIM_CONTEXTS_MAX; id++)
		if (qk_sim_pdp_get(call->state, id))
			qk_at_say(call, "+CGACT: %u,%d", id, is_active(call, id));
	return QK_AT_OK;
}

/* The call that is made for AT on a context, in any state. */
static const struct qk_sim_bearer *call_of_at(const struct qk_sim_state *state, uint8_t id,
					      uint8_t family)
{
	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++) {
		const struct qk_sim_bearer *bearer = &state->bearers.calls[i];
		if (bearer->state != QK_SIM_BEARER_FREE && bearer->holder == QK_SIM_HOLDER_AT &&
		    bearer->context == id && bearer->family == family)
			return bearer;
	}
	return NULL;
}

static bool is_up(const struct qk_sim_bearer *bearer)
{
	return bearer && bearer->state == QK_SIM_BEARER_UP;
}

/* One version of IP is enough. */
static int activated(struct qk_at_call *call)
{
	uint8_t id = (uint8_t)call->port->wait.number;
	const struct qk_sim_bearer *four = call_of_at(call->state, id, 4);
	const struct qk_sim_bearer *six = call_of_at(call->state, id, 6);

	if ((four && four->state == QK_SIM_BEARER_STARTING) ||
	    (six && six->state == QK_SIM_BEARER_STARTING))
		return QK_AT_LATER;
	if (!is_up(four) && !is_up(six))
		return qk_sim_state_is_registered(call->state) ? QK_AT_ERROR
							       : QK_AT_CME + QK_AT_CME_NO_SERVICE;
	if (call->command->name[0] == '$')
		qk_at_say(call, "$QCRMCALL: 1, %s", is_up(four) ? "V4" : "V6");
	return QK_AT_OK;
}

/* Starts calls of the families (bits: 1 IPv4, 2 IPv6). A result. */
static int activate(struct qk_at_call *call, uint8_t id, unsigned int families)
{
	bool started = false;

	for (uint8_t i = 0; i < 2; i++) {
		struct qk_sim_bearer_request request = { .family = i ? 6 : 4,
							 .context = id,
							 .holder = QK_SIM_HOLDER_AT };
		struct qk_sim_end_reason end;
		struct qk_sim_bearer *bearer;
		if (!(families & 1u << i))
			continue;
		int r = qk_sim_bearer_start(call->state, &request, &bearer, &end);
		started |= r == 0 || r == -EALREADY;
	}
	if (!started)
		return qk_sim_state_is_registered(call->state) ? QK_AT_ERROR
							       : QK_AT_CME + QK_AT_CME_NO_SERVICE;
	call->port->wait.number = id;
	return qk_at_wait(call, activated, QK_SIM_NEVER, false);
}

static void deactivate(struct qk_at_call *call, uint8_t id)
{
	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++) {
		struct qk_sim_bearer *bearer = &call->state->bearers.calls[i];
		if ((bearer->state == QK_SIM_BEARER_UP ||
		     bearer->state == QK_SIM_BEARER_STARTING) &&
		    (bearer->context == id || !id))
			qk_sim_bearer_stop(call->state, bearer);
	}
}

static unsigned int families_of(uint32_t type)
{
	return type == QK_SIM_PDP_IPV4V6 ? 3 : type == QK_SIM_PDP_IPV6 ? 2 : 1;
}

static int set_active(struct qk_at_call *call)
{
	uint32_t on = 2, id = 0;

	if (call->parsed->arg_count > 2 || qk_at_arg_number(call->parsed, 0, 0, 1, &on) < 0 ||
	    on == 2 || qk_at_arg_number(call->parsed, 1, 1, QK_SIM_CONTEXTS_MAX, &id) < 0)
		return QK_AT_ERROR;
	const struct qk_sim_pdp_context *context = qk_sim_pdp_get(call->state, (uint8_t)id);
	if (!on) {
		deactivate(call, (uint8_t)id);
		return QK_AT_OK;
	}
	if (!context)
		return QK_AT_ERROR;
	if (has_call(call, (uint8_t)id))
		return QK_AT_OK;
	return activate(call, (uint8_t)id, families_of(context->type));
}

static void say_address(struct qk_at_call *call, uint8_t id)
{
	const struct qk_sim_bearer *four = qk_sim_bearer_of_context(call->state, id, 4);
	const struct qk_sim_bearer *six = qk_sim_bearer_of_context(call->state, id, 6);
	const struct qk_sim_pdp_context *context = qk_sim_pdp_get(call->state, id);
	char a[ADDRESS_TEXT_MAX], b[ADDRESS_TEXT_MAX];

	if (!context)
		return;
	if (four)
		text4(four->address4, a, sizeof(a));
	if (six)
		text6(six->address6, b, sizeof(b));
	if (four && six)
		qk_at_say(call, "+CGPADDR: %u,\"%s\",\"%s\"", id, a, b);
	else
		qk_at_say(call, "+CGPADDR: %u,\"%s\"", id, four ? a : six ? b : "0.0.0.0");
}

/* Calls `say` for the context that the command names, or for all. */
static int each_context(struct qk_at_call *call, void (*say)(struct qk_at_call *call, uint8_t id))
{
	uint32_t id = 0;

	if (call->parsed->arg_count > 1 ||
	    qk_at_arg_number(call->parsed, 0, 1, QK_SIM_CONTEXTS_MAX, &id) < 0)
		return QK_AT_ERROR;
	for (uint8_t i = 1; i <= QK_SIM_CONTEXTS_MAX; i++)
		if (!id || i == id)
			say(call, i);
	return QK_AT_OK;
}

static int addresses(struct qk_at_call *call)
{
	return each_context(call, say_address);
}

/* <bearer> counts from 5, as EPS bearers do. */
static void say_parameters(struct qk_at_call *call, uint8_t id)
{
	const struct qk_sim_bearer *four = qk_sim_bearer_of_context(call->state, id, 4);
	const struct qk_sim_bearer *six = qk_sim_bearer_of_context(call->state, id, 6);
	char text[4][ADDRESS_TEXT_MAX], mask[16];

	if (four) {
		text4(four->address4, text[0], sizeof(text[0]));
		text4(UINT32_MAX << (32 - four->prefix_bits), mask, sizeof(mask));
		text4(four->gateway4, text[1], sizeof(text[1]));
		text4(four->dns4[0], text[2], sizeof(text[2]));
		text4(four->dns4[1], text[3], sizeof(text[3]));
		qk_at_say(call, "+CGCONTRDP: %u,%u,\"%s\",\"%s.%s\",\"%s\",\"%s\",\"%s\"", id,
			  id + 4u, four->apn, text[0], mask, text[1], text[2], text[3]);
	}
	if (six) {
		text6(six->address6, text[0], sizeof(text[0]));
		text6(six->gateway6, text[1], sizeof(text[1]));
		text6(six->dns6[0], text[2], sizeof(text[2]));
		text6(six->dns6[1], text[3], sizeof(text[3]));
		qk_at_say(call,
			  "+CGCONTRDP: %u,%u,\"%s\",\"%s.255.255.255.255.255.255.255.255"
			  ".0.0.0.0.0.0.0.0\",\"%s\",\"%s\",\"%s\"",
			  id, id + 4u, six->apn, text[0], text[1], text[2], text[3]);
	}
}

static int parameters(struct qk_at_call *call)
{
	return each_context(call, say_parameters);
}

static int test_active_contexts(struct qk_at_call *call)
{
	char text[96] = "";
	size_t used = 0;

	for (uint8_t id = 1; id <= QK_SIM_CONTEXTS_MAX; id++)
		if (is_active(call, id))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u",
						 used ? "," : "", id);
	qk_at_say(call, "%s: (%s)", call->command->name, text);
	return QK_AT_OK;
}

/* +QICSGP's context types count from 1: IPv4, IPv6, both. */
static const uint32_t qicsgp_types[] = { QK_SIM_PDP_IPV4, QK_SIM_PDP_IPV6, QK_SIM_PDP_IPV4V6 };

static int read_profile(struct qk_at_call *call, uint32_t id)
{
	const struct qk_sim_pdp_context context = context_of(call, id);
	int type = context.type == QK_SIM_PDP_IPV6 ? 2 : context.type == QK_SIM_PDP_IPV4V6 ? 3 : 1;

	qk_at_say(call, "+QICSGP: %d,\"%s\",\"%s\",\"%s\",%u", type, context.apn,
		  context.login.user, context.login.password, context.login.auth);
	return QK_AT_OK;
}

static int set_profile(struct qk_at_call *call)
{
	const struct qk_at_parsed *parsed = call->parsed;
	uint32_t id = 0, type = 1, auth = 0;

	if (!qk_at_has_arg(parsed, 0) || parsed->arg_count > 6 ||
	    qk_at_arg_number(parsed, 0, 1, 16, &id) < 0)
		return QK_AT_ERROR;
	if (parsed->arg_count == 1)
		return read_profile(call, id);
	struct qk_sim_pdp_context context = context_of(call, id);
	if (qk_at_arg_number(parsed, 1, 1, 3, &type) < 0 ||
	    qk_at_arg_text(parsed, 2, context.apn, sizeof(context.apn)) < 0 ||
	    qk_at_arg_text(parsed, 3, context.login.user, sizeof(context.login.user)) < 0 ||
	    qk_at_arg_text(parsed, 4, context.login.password, sizeof(context.login.password)) < 0 ||
	    qk_at_arg_number(parsed, 5, 0, 3, &auth) < 0)
		return QK_AT_ERROR;
	context.type = qicsgp_types[type - 1];
	context.login.auth = auth;
	return store_context(call, &context);
}

/* <action>,<instance>[,<IP: 1 IPv4, 2 IPv6, 3 both>[,<technology>[,<context>]]]: the call that a host makes
 * which does not speak QMI. */
static int network_call(struct qk_at_call *call)
{
	const struct qk_at_parsed *parsed = call->parsed;
	uint32_t on = 2, instance = 0, families = 1, technology = 2,
		 id = call->state->bearers.default_context;

	if (parsed->arg_count > 6 || qk_at_arg_number(parsed, 0, 0, 1, &on) < 0 || on == 2 ||
	    qk_at_arg_number(parsed, 1, 1, 8, &instance) < 0 || !instance ||
	    qk_at_arg_number(parsed, 2, 1, 3, &families) < 0 ||
	    qk_at_arg_number(parsed, 3, 1, 3, &technology) < 0 ||
	    qk_at_arg_number(parsed, 4, 1, QK_SIM_CONTEXTS_MAX, &id) < 0)
		return QK_AT_ERROR;
	if (on)
		return activate(call, (uint8_t)id, families);
	qk_sim_bearer_stop_of(call->state, QK_SIM_HOLDER_AT);
	qk_at_say(call, "$QCRMCALL: 0, V4");
	return QK_AT_OK;
}

static int read_network_call(struct qk_at_call *call)
{
	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++) {
		const struct qk_sim_bearer *bearer = &call->state->bearers.calls[i];
		if (is_up(bearer))
			qk_at_say(call, "$QCRMCALL: 1, V%u", bearer->family);
	}
	return QK_AT_OK;
}

static int read_class(struct qk_at_call *call)
{
	qk_at_say(call, "+CGCLASS: \"A\"");
	return QK_AT_OK;
}

static const struct qk_at_command commands[] = {
	{ .name = "+CGDCONT", .read = read_contexts, .set = set_context, .test_fn = test_context },
	{ .name = "+CGACT", .read = read_active, .set = set_active, .test = "(0,1)" },
	{ .name = "+CGPADDR",
	  .set = addresses,
	  .execute = addresses,
	  .test_fn = test_active_contexts },
	{ .name = "+CGCONTRDP",
	  .set = parameters,
	  .execute = parameters,
	  .test_fn = test_active_contexts },
	{ .name = "+QICSGP",
	  .set = set_profile,
	  .test = "(1-16),(1-3),<APN>,<username>,<password>,(0-3)" },
	{ .name = "$QCRMCALL", .set = network_call, .read = read_network_call, .test = "" },
	{ .name = "+CGEREP",
	  .settings = { QK_AT_SET_CGEREP_MODE, QK_AT_SET_CGEREP_BUFFER },
	  .setting_count = 2 },
	{ .name = "+CGCLASS", .read = read_class, .test = "(\"A\")" },
};

const struct qk_at_table qk_at_packet_table = { commands, sizeof(commands) / sizeof(commands[0]) };
