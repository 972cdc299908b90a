/*
 * VOICE: how calls are set up.
 */
#include <qmikit/voice.h>

#include "services.h"

/* All there is in the first version of the service. */
static const struct command_preset config_presets[] = {
	{ "auto-answer", true },
	{ "air-timer", true },
	{ "roam-timer", true },
	{ "tty-mode", true },
	{ "preferred-voice-service-option", true },
	{ "amr-status", true },
	{ "preferred-voice-privacy", true },
	{ 0 },
};

/* Some lines of libqmi's tool do not end. */
static const struct text_row config_text[] = {
	TEXT_LINE("[{@device}] Successfully retrieved Voice configuration:\n"),
	TEXT_IF("auto-answer-status",
		"Auto Answer Status: '{auto-answer-status?enabled:disabled}'"),
	TEXT_IF("air-timer-count", "Air Timer Count:\n\tNAM ID: '{nam-id}'\tTimer: '{air-timer}'"),
	TEXT_IF("roam-timer-count",
		"Roam Timer Count:\n\tNAM ID: '{nam-id}'\tTimer: '{roam-timer}'"),
	TEXT_IF("current-tty-mode", "Current TTY mode: '{current-tty-mode}'"),
	TEXT_IF("current-preferred-voice-so",
		"Current Preferred Voice SO:\n"
		"\tNAM ID: '{nam-id}'\n"
		"\tEVRC capability: '{evrc-capability?enabled:disabled}'\n"
		"\tHome Page Voice SO: '{home-page-voice-service-option}'\n"
		"\tHome Origination Voice SO: '{home-origination-voice-service-option}'\n"
		"\tRoaming Origination Voice SO: '{roaming-origination-voice-service-option}'\n"),
	TEXT_IF("current-amr-status", "AMR Status:\n"
				      "\tGSM: '{gsm?enabled:disabled}'\n"
				      "\tWCDMA: '{wcdma}' (0x{wcdma:X})\n"),
	TEXT_IF("current-voice-privacy-preference",
		"Current Voice Privacy Preference: '{current-voice-privacy-preference}'\n"),
	TEXT_IF("current-voice-domain-preference",
		"Current Voice Domain Preference: '{current-voice-domain-preference}'\n"),
	TEXT_END,
};

static const struct command commands[] = {
	{ .name = "voice-get-config",
	  .method = &qk_voice_get_config_method,
	  .help = "Show how calls are answered and coded",
	  .presets = config_presets,
	  .failure = "couldn't get Voice configuration",
	  .text = config_text },
	COMMAND_SUPPORTED_MESSAGES(voice, VOICE),
	COMMAND_NOOP(voice),
	{ 0 },
};

const struct command_service commands_voice = { QK_SERVICE_ID_VOICE, "voice", "Voice Service",
						commands };
