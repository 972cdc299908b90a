/*
 * Control, words: the names that requests, answers and events have for the model's values.
 */
#include "control-table.h"

const struct qk_sim_word qk_control_modes[] = {
	{ "online", QK_SIM_MODE_ONLINE },
	{ "low-power", QK_SIM_MODE_LOW_POWER },
	{ "factory-test", QK_SIM_MODE_FACTORY_TEST },
	{ "offline", QK_SIM_MODE_OFFLINE },
	{ "reset", QK_SIM_MODE_RESET },
	{ "shutting-down", QK_SIM_MODE_SHUTTING_DOWN },
	{ "persistent-low-power", QK_SIM_MODE_PERSISTENT_LOW_POWER },
	{ "only-low-power", QK_SIM_MODE_ONLY_LOW_POWER },
	{ NULL, 0 },
};

const struct qk_sim_word qk_control_registrations[] = {
	{ "not-registered", QK_SIM_NOT_REGISTERED },
	{ "registered", QK_SIM_REGISTERED },
	{ "searching", QK_SIM_SEARCHING },
	{ "denied", QK_SIM_DENIED },
	{ NULL, 0 },
};

const struct qk_sim_word qk_control_applications[] = {
	{ "none", QK_SIM_APPLICATION_NONE },
	{ "detected", QK_SIM_APPLICATION_DETECTED },
	{ "initialized", QK_SIM_APPLICATION_INITIALIZED },
	{ NULL, 0 },
};

const struct qk_sim_word qk_control_steps[] = {
	{ "bus", QK_SIM_BOOTED_BUS },
	{ "at", QK_SIM_BOOTED_AT },
	{ "rdy", QK_SIM_BOOTED_RDY },
	{ "card", QK_SIM_BOOTED_CARD },
	{ "qmi", QK_SIM_BOOTED_QMI },
	{ "sms", QK_SIM_BOOTED_SMS },
	{ "phonebook", QK_SIM_BOOTED_PHONEBOOK },
	{ NULL, 0 },
};

const struct qk_sim_word qk_control_guises[] = {
	{ "nothing", QK_SIM_GUISE_NONE },    { "modem", QK_SIM_GUISE_MODEM },
	{ "edl", QK_SIM_GUISE_DOWNLOAD },    { "fastboot", QK_SIM_GUISE_FASTBOOT },
	{ "unreadable", QK_SIM_GUISE_DEAD }, { NULL, 0 },
};

const char *qk_control_word(const struct qk_sim_word *words, uint32_t value)
{
	for (; words->name; words++)
		if (words->value == value)
			return words->name;
	return "unknown";
}
