/*
 * Bearer: data calls (see bearer.h). What is marked [C] or [U] here was not seen on a real modem;
 * docs/virtual-modem.md lists it.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "bearer.h"
#include "profile.h"
#include "seed.h"
#include "state.h"

/* How long the firmware is away when retries have brought it down (F22) [C]. */
#define CRASH_MSEC 15000

#define GENERIC_UNSPECIFIED 1
#define GENERIC_CLIENT_END 2
#define GENERIC_NO_SERVICE 3
#define VERBOSE_INTERNAL 2
#define VERBOSE_CM 3
#define VERBOSE_3GPP 6

const struct qk_sim_end_reason
	qk_sim_end_client = { GENERIC_CLIENT_END, VERBOSE_CM, 2000 },
	qk_sim_end_no_service = { GENERIC_NO_SERVICE, VERBOSE_CM, 2001 },
	qk_sim_end_radio_off = { GENERIC_UNSPECIFIED, VERBOSE_INTERNAL, 219 },
	qk_sim_end_card = { GENERIC_UNSPECIFIED, VERBOSE_CM, 2504 },
	qk_sim_end_busy = { GENERIC_UNSPECIFIED, VERBOSE_INTERNAL, 241 },
	qk_sim_end_unknown_apn = { GENERIC_UNSPECIFIED, VERBOSE_3GPP, 27 },
	qk_sim_end_bad_login = { GENERIC_UNSPECIFIED, VERBOSE_3GPP, 29 },
	qk_sim_end_ipv4_disallowed = { GENERIC_UNSPECIFIED, VERBOSE_INTERNAL, 208 },
	qk_sim_end_ipv6_disallowed = { GENERIC_UNSPECIFIED, VERBOSE_INTERNAL, 210 },
	qk_sim_end_ipv4_only = { GENERIC_UNSPECIFIED, VERBOSE_3GPP, 50 },
	qk_sim_end_ipv6_only = { GENERIC_UNSPECIFIED, VERBOSE_3GPP, 51 },
	qk_sim_end_single_address = { GENERIC_UNSPECIFIED, VERBOSE_3GPP, 52 },
	qk_sim_end_no_slot4 = { GENERIC_UNSPECIFIED, VERBOSE_INTERNAL, 228 },
	qk_sim_end_no_slot6 = { GENERIC_UNSPECIFIED, VERBOSE_INTERNAL, 229 },
	qk_sim_end_roaming = { GENERIC_UNSPECIFIED, VERBOSE_INTERNAL, 255 },
	qk_sim_end_apn_disabled = { GENERIC_UNSPECIFIED, VERBOSE_INTERNAL, 220 },
	qk_sim_end_emm_detached = { GENERIC_UNSPECIFIED, VERBOSE_CM, 1028 },
	qk_sim_end_regular = { GENERIC_UNSPECIFIED, VERBOSE_3GPP, 36 };

static bool is_alive(const struct qk_sim_bearer *call)
{
	return call->state == QK_SIM_BEARER_STARTING || call->state == QK_SIM_BEARER_UP;
}

/* Random numbers of one purpose for what has this serial. */
static uint64_t stream_of(const struct qk_sim_state *state, const char *label, uint64_t serial)
{
	return qk_sim_stream(state->seed, label) ^ serial * 0x9e3779b97f4a7c15u;
}

/* Handles look like those of real modems, which are pointers [S]. */
static uint32_t new_handle(struct qk_sim_state *state, uint64_t serial)
{
	uint64_t stream = stream_of(state, "packet-data-handle", serial);
	uint32_t handle;

	do
		handle = 0x86000000u | (uint32_t)qk_sim_below(&stream, 1u << 21) << 4;
	while (qk_sim_bearer_find(state, handle));
	return handle;
}

/*
 * Networks of IPv4 are cut out of 100.64.0.0/10, where operators have theirs (RFC 6598): the low bits
 * of the seed and the serial are a number, which an odd factor spreads over the range without making
 * two the same. Host and gateway are neighbours [C].
 */
static void give_address4(struct qk_sim_state *state, struct qk_sim_bearer *call)
{
	const struct qk_sim_data_profile *profile = &state->profile->data;
	unsigned int bits = profile->prefix_bits - 10u, size = 1u << (32 - profile->prefix_bits);
	uint64_t stream = stream_of(state, "address4", call->serial);
	uint32_t number = (uint32_t)(call->serial << 8 | (state->seed & 0xff));

	number = (number * 0x9e3779b1u) & ((1u << bits) - 1);
	uint32_t network = 0x64400000u | number << (32 - profile->prefix_bits);
	uint32_t host = 1 + (uint32_t)qk_sim_below(&stream, size - 2);
	call->prefix_bits = profile->prefix_bits;
	call->address4 = network + host;
	call->gateway4 = network + (host % 2 ? host + 1 : host - 1);
	memcpy(call->dns4, profile->dns4, sizeof(call->dns4));
}

/* A /64 of the range for documentation (RFC 3849), by seed and serial. */
static void give_address6(struct qk_sim_state *state, struct qk_sim_bearer *call)
{
	static const uint8_t range[4] = { 0x20, 0x01, 0x0d, 0xb8 };
	uint64_t stream = stream_of(state, "address6", call->serial);
	uint64_t host = qk_sim_random(&stream), gateway = qk_sim_random(&stream);
	uint8_t *network = call->address6;

	memcpy(network, range, sizeof(range));
	network[4] = (uint8_t)(state->seed >> 8);
	network[5] = (uint8_t)state->seed;
	network[6] = (uint8_t)(call->serial >> 8);
	network[7] = (uint8_t)call->serial;
	memcpy(call->gateway6, network, 8);
	for (unsigned int i = 0; i < 8; i++) {
		call->address6[8 + i] = (uint8_t)(host >> 8 * i);
		call->gateway6[8 + i] = (uint8_t)(gateway >> 8 * i);
	}
	/* interface ids that no hardware address made: RFC 4291 2.5.1 */
	call->address6[8] &= 0xfd;
	call->gateway6[8] &= 0xfd;
	call->prefix_bits = 64;
	memcpy(call->dns6, state->profile->data.dns6, sizeof(call->dns6));
}

static void give_address(struct qk_sim_state *state, struct qk_sim_bearer *call)
{
	call->serial = state->bearers.serial++;
	if (call->family == 4)
		give_address4(state, call);
	else
		give_address6(state, call);
}

static void end(struct qk_sim_state *state, struct qk_sim_bearer *call,
		const struct qk_sim_end_reason *reason)
{
	bool was_up = call->state == QK_SIM_BEARER_UP;

	call->state = QK_SIM_BEARER_ENDED;
	call->end = *reason;
	call->ended_usec = state->now_usec;
	call->due_usec = QK_SIM_NEVER;
	if (was_up) {
		state->bearers.last_tx_bytes = call->counters.tx_bytes;
		state->bearers.last_rx_bytes = call->counters.rx_bytes;
		qk_sim_autoconnect_plan(state);
	}
	state->changed |= QK_SIM_CHANGED_DATA;
}

static void come_up(struct qk_sim_state *state, struct qk_sim_bearer *call)
{
	call->due_usec = QK_SIM_NEVER;
	if (call->end.type) {
		struct qk_sim_end_reason reason = call->end;
		end(state, call, &reason);
		return;
	}
	call->state = QK_SIM_BEARER_UP;
	call->up_usec = state->now_usec;
	call->mtu = state->profile->data.mtu;
	give_address(state, call);
	state->changed |= QK_SIM_CHANGED_DATA;
}

static const struct qk_sim_apn *find_apn(const struct qk_sim_data_profile *profile, const char *apn)
{
	for (size_t i = 0; i < profile->apn_count; i++)
		if (strcasecmp(profile->apns[i].apn, apn) == 0)
			return &profile->apns[i];
	return NULL;
}

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), end_size = strlen(end);

	return size >= end_size && strcasecmp(text + size - end_size, end) == 0;
}

static bool same_login(const struct qk_sim_login *a, const struct qk_sim_login *b)
{
	return strcmp(a->user, b->user) == 0 && strcmp(a->password, b->password) == 0;
}

/* Whether the same APN has a call of the other IP version. */
static bool has_other_family(const struct qk_sim_state *state, const struct qk_sim_bearer *call)
{
	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++) {
		const struct qk_sim_bearer *other = &state->bearers.calls[i];
		if (is_alive(other) && other != call && other->family != call->family &&
		    strcasecmp(other->apn, call->apn) == 0)
			return true;
	}
	return false;
}

/* A fault that lets the call fail; what it says is in `armed` then. */
static bool take_fault(struct qk_sim_state *state)
{
	const struct qk_sim_fault crash = { .kind = QK_SIM_FAULT_CRASH, .value = CRASH_MSEC };
	struct qk_sim_end_reason *armed = &state->bearers.armed;
	struct qk_sim_fault fault;

	if (qk_sim_state_take_fault(state, QK_SIM_FAULT_CALL_FAILS, NULL, &fault)) {
		bool no_service = (int16_t)fault.value == qk_sim_end_no_service.reason;
		*armed = no_service ? qk_sim_end_no_service
				    : (struct qk_sim_end_reason){ GENERIC_UNSPECIFIED, VERBOSE_CM,
								  (int16_t)fault.value };
		return true;
	}
	if (!qk_sim_state_take_fault(state, QK_SIM_FAULT_WEDGED, NULL, &fault))
		return false;
	*armed = qk_sim_end_no_service;
	if (fault.used == fault.value) {
		/* the answer still gets out; the crash cures it */
		qk_sim_faults_disarm(&state->faults, QK_SIM_FAULT_WEDGED);
		(void)qk_sim_state_arm(state, &crash);
	}
	return true;
}

/* What the network says to the call: NULL, it takes it. */
static const struct qk_sim_end_reason *ask_network(struct qk_sim_state *state,
						   const struct qk_sim_bearer *call)
{
	const struct qk_sim_data_profile *profile = &state->profile->data;
	const struct qk_sim_apn *apn = find_apn(profile, call->apn);

	if (state->bearers.armed_count) {
		state->bearers.armed_count--;
		return &state->bearers.armed;
	}
	if (take_fault(state))
		return &state->bearers.armed;
	if (!apn)
		return profile->other_apns && !ends_with(call->apn, ".invalid")
			       ? NULL
			       : &qk_sim_end_unknown_apn;
	if (apn->end.type)
		return &apn->end;
	uint32_t auth = apn->login.auth ? apn->login.auth : QK_SIM_AUTH_PAP | QK_SIM_AUTH_CHAP;
	if (apn->login.user[0] &&
	    (!(call->login.auth & auth) || !same_login(&call->login, &apn->login)))
		return &qk_sim_end_bad_login;
	if (apn->type == QK_SIM_PDP_IPV4 && call->family == 6)
		return &qk_sim_end_ipv4_only;
	if (apn->type == QK_SIM_PDP_IPV6 && call->family == 4)
		return &qk_sim_end_ipv6_only;
	if (apn->type == QK_SIM_PDP_PPP && has_other_family(state, call))
		return &qk_sim_end_single_address;
	return NULL;
}

/* Why the modem does not even ask the network: NULL, it does. */
static const struct qk_sim_end_reason *ask_modem(const struct qk_sim_state *state,
						 const struct qk_sim_bearer_request *request,
						 const struct qk_sim_pdp_context *context)
{
	bool by_context = request->context || !request->apn;

	if (!qk_sim_state_has_radio(state))
		return &qk_sim_end_radio_off;
	if (!qk_sim_state_card_ready(state))
		return &qk_sim_end_card;
	if (!qk_sim_radio_has_packet(state))
		return &qk_sim_end_no_service;
	if (!context || !by_context)
		return NULL;
	if (context->disabled)
		return &qk_sim_end_apn_disabled;
	if (context->roaming_disallowed && state->roaming)
		return &qk_sim_end_roaming;
	if (context->type == QK_SIM_PDP_IPV4 && request->family == 6)
		return &qk_sim_end_ipv6_disallowed;
	if (context->type == QK_SIM_PDP_IPV6 && request->family == 4)
		return &qk_sim_end_ipv4_disallowed;
	return NULL;
}

/* The context that a request means: the one it names, the one with its APN, or the default one. */
static const struct qk_sim_pdp_context *find_context(const struct qk_sim_state *state,
						     const struct qk_sim_bearer_request *request)
{
	if (request->context)
		return qk_sim_pdp_get(state, request->context);
	for (size_t i = 0; request->apn && i < QK_SIM_CONTEXTS_MAX; i++)
		if (state->bearers.contexts[i].id &&
		    strcasecmp(state->bearers.contexts[i].apn, request->apn) == 0)
			return &state->bearers.contexts[i];
	return qk_sim_pdp_get(state, state->bearers.default_context);
}

/* The call that a request would make. */
static struct qk_sim_bearer plan_call(const struct qk_sim_state *state,
				      const struct qk_sim_bearer_request *request,
				      const struct qk_sim_pdp_context *context)
{
	const struct qk_sim_data_profile *profile = &state->profile->data;
	struct qk_sim_bearer call = {
		.state = QK_SIM_BEARER_STARTING,
		.holder = request->holder,
		.family = request->family,
		.mux_id = request->mux_id,
		.context = context ? context->id : 0,
		.started_usec = state->now_usec,
	};
	bool by_context = context && (request->context || !request->apn);
	const char *apn = request->apn ? request->apn : context ? context->apn : "";

	/* an empty APN is the network's first one, and that is what it says afterwards */
	if (!*apn && profile->apn_count)
		apn = profile->apns[0].apn;
	memcpy(call.apn, apn, strnlen(apn, QK_SIM_APN_MAX));
	if (request->login)
		call.login = *request->login;
	else if (by_context)
		call.login = context->login;
	return call;
}

/* A call on the same mux id stands in the way: -EALREADY when it is the same one, -EBUSY. */
static int find_conflict(struct qk_sim_state *state, const struct qk_sim_bearer *wanted,
			 struct qk_sim_bearer **ret)
{
	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++) {
		struct qk_sim_bearer *call = &state->bearers.calls[i];
		bool same = strcasecmp(call->apn, wanted->apn) == 0 &&
			    same_login(&call->login, &wanted->login);

		if (!is_alive(call) || call->mux_id != wanted->mux_id)
			continue;
		if (!same)
			return -EBUSY;
		if (call->family == wanted->family) {
			*ret = call;
			return -EALREADY;
		}
	}
	return 0;
}

/* A free place, or that of the call which ended first. */
static struct qk_sim_bearer *find_place(struct qk_sim_state *state)
{
	struct qk_sim_bearer *oldest = NULL;

	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++) {
		struct qk_sim_bearer *call = &state->bearers.calls[i];
		if (call->state == QK_SIM_BEARER_FREE)
			return call;
		if (call->state == QK_SIM_BEARER_ENDED &&
		    (!oldest || call->ended_usec < oldest->ended_usec))
			oldest = call;
	}
	return oldest;
}

int qk_sim_bearer_start(struct qk_sim_state *state, const struct qk_sim_bearer_request *request,
			struct qk_sim_bearer **ret, struct qk_sim_end_reason *ret_end)
{
	const struct qk_sim_data_profile *profile = &state->profile->data;
	const struct qk_sim_pdp_context *context = find_context(state, request);

	if ((request->family != 4 && request->family != 6) || (request->context && !context))
		return -EINVAL;
	struct qk_sim_bearer wanted = plan_call(state, request, context);
	const struct qk_sim_end_reason *no = ask_modem(state, request, context);
	int r = no ? -ECONNREFUSED : find_conflict(state, &wanted, ret);
	if (r == -EALREADY)
		return r;
	if (r == -EBUSY)
		no = &qk_sim_end_busy;
	struct qk_sim_bearer *call = find_place(state);
	if (!no && !call)
		no = request->family == 4 ? &qk_sim_end_no_slot4 : &qk_sim_end_no_slot6;
	if (no) {
		*ret_end = *no;
		return -ECONNREFUSED;
	}
	uint64_t serial = state->bearers.serial++;
	uint64_t stream = stream_of(state, "start-usec", serial);
	uint64_t span = profile->start_max_usec - profile->start_min_usec + 1;
	wanted.handle = new_handle(state, serial);
	wanted.due_usec =
		qk_sim_after(state, profile->start_min_usec + qk_sim_below(&stream, span));
	*call = wanted;
	no = ask_network(state, call);
	if (no)
		call->end = *no;
	*ret = call;
	return 0;
}

void qk_sim_bearer_stop(struct qk_sim_state *state, struct qk_sim_bearer *bearer)
{
	if (is_alive(bearer))
		end(state, bearer, &qk_sim_end_client);
}

void qk_sim_bearer_stop_of(struct qk_sim_state *state, uint32_t holder)
{
	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++)
		if (state->bearers.calls[i].holder == holder)
			qk_sim_bearer_stop(state, &state->bearers.calls[i]);
}

void qk_sim_bearer_drop(struct qk_sim_state *state, uint8_t context,
			const struct qk_sim_end_reason *reason)
{
	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++) {
		struct qk_sim_bearer *call = &state->bearers.calls[i];
		if (is_alive(call) && (!context || call->context == context))
			end(state, call, reason);
	}
}

void qk_sim_bearer_arm(struct qk_sim_state *state, const struct qk_sim_end_reason *reason,
		       uint32_t count)
{
	state->bearers.armed = *reason;
	state->bearers.armed_count = count;
}

void qk_sim_bearer_renumber(struct qk_sim_state *state)
{
	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++) {
		if (state->bearers.calls[i].state != QK_SIM_BEARER_UP)
			continue;
		give_address(state, &state->bearers.calls[i]);
		state->changed |= QK_SIM_CHANGED_DATA;
	}
}

struct qk_sim_bearer *qk_sim_bearer_find(struct qk_sim_state *state, uint32_t handle)
{
	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++)
		if (state->bearers.calls[i].state != QK_SIM_BEARER_FREE &&
		    state->bearers.calls[i].handle == handle)
			return &state->bearers.calls[i];
	return NULL;
}

struct qk_sim_bearer *qk_sim_bearer_of_mux(struct qk_sim_state *state, uint8_t mux_id,
					   uint8_t family)
{
	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++) {
		struct qk_sim_bearer *call = &state->bearers.calls[i];
		if (call->state == QK_SIM_BEARER_UP && call->mux_id == mux_id &&
		    call->family == family)
			return call;
	}
	return NULL;
}

struct qk_sim_bearer *qk_sim_bearer_of_context(struct qk_sim_state *state, uint8_t context,
					       uint8_t family)
{
	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++) {
		struct qk_sim_bearer *call = &state->bearers.calls[i];
		if (call->state == QK_SIM_BEARER_UP && call->context == context &&
		    call->family == family)
			return call;
	}
	return NULL;
}

bool qk_sim_bearer_any_up(const struct qk_sim_state *state)
{
	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++)
		if (state->bearers.calls[i].state == QK_SIM_BEARER_UP)
			return true;
	return false;
}

bool qk_sim_bearer_present(const struct qk_sim_state *state)
{
	return qk_sim_bearer_any_up(state) ||
	       (state->profile->data.default_bearer && qk_sim_radio_has_packet(state));
}

void qk_sim_bearers_start(struct qk_sim_state *state)
{
	const struct qk_sim_data_profile *profile = &state->profile->data;
	struct qk_sim_bearers *bearers = &state->bearers;

	*bearers = (struct qk_sim_bearers){
		.default_context = profile->default_context,
	};
	qk_sim_autoconnect_start(state);
	for (size_t i = 0; i < profile->context_count; i++)
		bearers->contexts[profile->contexts[i].id - 1] = profile->contexts[i];
	qk_sim_bearers_boot(state);
}

/* A card in a bad state is well again after the radio was off or the modem booted [R]. */
static void cure_card(struct qk_sim_bearers *bearers)
{
	if (bearers->armed.type == qk_sim_end_card.type &&
	    bearers->armed.reason == qk_sim_end_card.reason)
		bearers->armed_count = 0;
}

void qk_sim_bearers_boot(struct qk_sim_state *state)
{
	struct qk_sim_bearers *bearers = &state->bearers;

	cure_card(bearers);
	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++)
		bearers->calls[i] = (struct qk_sim_bearer){ .due_usec = QK_SIM_NEVER };
	bearers->attach = state->profile->data.counters;
	bearers->total = (struct qk_sim_counters){ 0 };
	bearers->last_tx_bytes = bearers->last_rx_bytes = 0;
	bearers->format = (struct qk_sim_data_format){ .link_layer = 2 };
	qk_sim_autoconnect_boot(state);
}

void qk_sim_bearers_check(struct qk_sim_state *state)
{
	const struct qk_sim_end_reason *why = NULL;

	if (!qk_sim_state_has_radio(state))
		why = &qk_sim_end_radio_off;
	else if (!qk_sim_state_card_ready(state))
		why = &qk_sim_end_card;
	else if (!qk_sim_radio_has_packet(state))
		why = &qk_sim_end_no_service;
	if (why == &qk_sim_end_radio_off)
		cure_card(&state->bearers);
	if (why)
		qk_sim_bearer_drop(state, 0, why);
	else if (state->bearers.autoconnect.due_usec == QK_SIM_NEVER)
		qk_sim_autoconnect_plan(state);
}

uint64_t qk_sim_bearers_next_usec(const struct qk_sim_state *state)
{
	uint64_t next = state->bearers.autoconnect.due_usec;

	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++)
		if (state->bearers.calls[i].state == QK_SIM_BEARER_STARTING &&
		    state->bearers.calls[i].due_usec < next)
			next = state->bearers.calls[i].due_usec;
	return next;
}

void qk_sim_bearers_advance(struct qk_sim_state *state)
{
	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++) {
		struct qk_sim_bearer *call = &state->bearers.calls[i];
		if (call->state == QK_SIM_BEARER_STARTING && call->due_usec <= state->now_usec)
			come_up(state, call);
	}
	qk_sim_autoconnect_advance(state);
}
