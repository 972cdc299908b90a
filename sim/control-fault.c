/*
 * Control, faults: arming, disarming and counting them.
 */
#include <errno.h>
#include <string.h>

#include <qmikit/codec.h>

#include "control-table.h"

struct fault {
	char fault[128];
};

static const struct qk_sim_member arm_members[] = {
	{ "fault", TEXT, QK_CONTROL_AT(fault, fault) },
};
static const struct qk_sim_member disarm_members[] = {
	{ "fault", TEXT, QK_CONTROL_AT(fault, fault), .optional = true },
};

static int arm_fault(struct qk_control_call *call)
{
	const struct fault *arguments = call->arguments;
	struct qk_sim_fault fault;

	if (qk_sim_fault_parse(arguments->fault, &fault, call->error, call->error_size) < 0)
		return -EINVAL;
	if (qk_sim_arm(call->sim, &fault) < 0)
		return qk_control_refuse(call, "more than %d faults are armed", QK_SIM_FAULTS_MAX);
	return 0;
}

static int disarm_fault(struct qk_control_call *call)
{
	const struct fault *arguments = call->arguments;
	uint32_t value;
	int kind =
		call->given ? qk_sim_fault_by_name(arguments->fault, &value) : QK_SIM_FAULT_KINDS;

	if (kind < 0)
		return qk_control_refuse(call, "there is no fault '%.60s'", arguments->fault);
	uint32_t count = qk_sim_faults_disarm(&call->state->faults, (uint32_t)kind);
	json_object_set_new(call->answer, "disarmed", json_integer(count));
	return 0;
}

/* Seconds from now; what is over is negative. */
static json_t *seconds_until(const struct qk_sim_state *state, uint64_t usec)
{
	return json_real(((double)usec - (double)state->now_usec) / 1e6);
}

static json_t *one_fault(const struct qk_sim_state *state, const struct qk_sim_fault *fault)
{
	const char *sentence, *name = qk_sim_fault_name(fault->kind, &sentence);
	json_t *object = json_pack("{s:s, s:I}", "name", name, "used", (json_int_t)fault->used);

	if (fault->value)
		json_object_set_new(object, "value", json_integer(fault->value));
	if (fault->service != QK_SIM_ANY_SERVICE) {
		const char *service = qk_service_name((uint8_t)fault->service);
		json_object_set_new(object, "service",
				    service ? json_string(service) : json_integer(fault->service));
	}
	if (fault->message != QK_SIM_ANY_MESSAGE)
		json_object_set_new(object, "message", json_integer(fault->message));
	if (fault->count)
		json_object_set_new(object, "left", json_integer(fault->count - fault->used));
	if (fault->from_usec > state->now_usec)
		json_object_set_new(object, "begins-in", seconds_until(state, fault->from_usec));
	if (fault->until_usec != QK_SIM_NEVER)
		json_object_set_new(object, "ends-in", seconds_until(state, fault->until_usec));
	return object;
}

/* Those that are armed, how often each kind was used, and what there is. */
static int list_faults(struct qk_control_call *call)
{
	const struct qk_sim_faults *faults = &call->state->faults;
	json_t *armed = json_array(), *used = json_object(), *known = json_object();
	const char *name, *sentence;

	for (uint32_t i = 0; i < faults->count; i++)
		json_array_append_new(armed, one_fault(call->state, &faults->armed[i]));
	for (size_t i = 0; (name = qk_sim_fault_name(i, &sentence)); i++) {
		json_object_set_new(known, name, json_string(sentence));
		if (faults->used[i])
			json_object_set_new(used, name, json_integer(faults->used[i]));
	}
	json_object_set_new(call->answer, "armed", armed);
	json_object_set_new(call->answer, "used", used);
	json_object_set_new(call->answer, "known", known);
	return 0;
}

#define FAULT(members) members, QK_CONTROL_COUNT(members), sizeof(struct fault)

static const struct qk_control_row rows[] = {
	{ "fault", "do something wrong: NAME[=VALUE][:SERVICE[.MESSAGE]][:COUNT][@AFTER[+FOR]]",
	  FAULT(arm_members), arm_fault },
	{ "fault-disarm", "no more faults of this name, or none at all", FAULT(disarm_members),
	  disarm_fault },
	{ "fault-list", "the faults that are armed, were used, and are known", .fn = list_faults },
};

const struct qk_control_rows qk_control_fault_rows = { rows, QK_CONTROL_COUNT(rows) };
