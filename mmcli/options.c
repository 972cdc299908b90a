/* Options: one row each, with the group whose help lists it. Names and letters are stock's; -c is --connect as in 1.20
 * (1.24 has it for --cbm and --connect both, and takes it for the former). */
#include "mmcli/options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
	const char *group, *name;
	char letter;
	const char *argument, *help;
};

static const struct row rows[] = {
	{ "", "output-keyvalue", 'K', NULL, "Writes KEY : VALUE lines, for scripts" },
	{ "", "output-json", 'J', NULL, "Writes JSON, for programs" },
	{ "", "verbose", 'v', NULL, "Says more of what is done" },
	{ "", "version", 'V', NULL, "Shows the version" },
	{ "", "async", 'a', NULL, "Taken for the sake of scripts: answers are the same" },
	{ "", "timeout", 0, "SECONDS", "How long an operation may take: 30" },
	{ "", "newer-fields", 0, NULL, "Shows the fields, too, that mmcli 1.20 did not have" },
	{ "manager", "get-daemon-version", 'B', NULL, "Shows the version of the daemon" },
	{ "manager", "set-logging", 'G', "ERR|WARN|MSG|INFO|DEBUG",
	  "Sets how much the daemon logs" },
	{ "manager", "list-modems", 'L', NULL, "Lists the modems" },
	{ "manager", "monitor-modems", 'M', NULL, "Lists the modems, and those that come and go" },
	{ "manager", "scan-modems", 'S', NULL, "Looks for modems among the ports there are" },
	{ "manager", "inhibit-device", 'I', "UID", "Keeps the daemon off a device until Ctrl+C" },
	{ "manager", "report-kernel-event", 0, "KEY=VALUE,...",
	  "Tells the daemon of a port that came or went" },
	{ "manager", "report-kernel-event-auto-scan", 0, NULL,
	  "Tells the daemon of all ports, and of those that come and go" },
	{ "common", "modem", 'm', "PATH|INDEX|UID|IMEI|any",
	  "Chooses a modem; shows it, where nothing else is asked" },
	{ "common", "bearer", 'b', "PATH|INDEX",
	  "Chooses a bearer; shows it, where nothing else is asked" },
	{ "common", "sim", 'i', "PATH|INDEX|UID|any",
	  "Chooses a SIM; shows it, where nothing else is asked" },
	{ "common", "sms", 's', "PATH|INDEX",
	  "Chooses a short message; shows it, where nothing else is asked" },
	{ "common", "call", 'o', "PATH|INDEX",
	  "Chooses a call; shows it, where nothing else is asked" },
	{ "common", "cbm", 0, "PATH|INDEX", "Shows a cell broadcast message" },
	{ "modem", "monitor-state", 'w', NULL, "Follows the modem's state" },
	{ "modem", "enable", 'e', NULL, "Turns the modem on" },
	{ "modem", "disable", 'd', NULL, "Turns the modem off" },
	{ "modem", "set-power-state-on", 0, NULL, "Gives the radio full power" },
	{ "modem", "set-power-state-low", 0, NULL, "Takes the radio down" },
	{ "modem", "set-power-state-off", 0, NULL, "Switches the modem off" },
	{ "modem", "reset", 'r', NULL, "Restarts the modem" },
	{ "modem", "factory-reset", 0, "CODE", "Clears all of the modem's settings" },
	{ "modem", "command", 0, "COMMAND", "Sends an AT command" },
	{ "modem", "create-bearer", 0, "KEY=VALUE,...", "Makes a bearer" },
	{ "modem", "delete-bearer", 0, "PATH|INDEX", "Removes a bearer" },
	{ "modem", "set-current-capabilities", 0, "CAPABILITY|...",
	  "Chooses the families of radios" },
	{ "modem", "set-allowed-modes", 0, "MODE|...", "Chooses the modes it may use" },
	{ "modem", "set-preferred-mode", 0, "MODE", "Chooses the one of them it should" },
	{ "modem", "set-current-bands", 0, "BAND|...", "Chooses the radio bands" },
	{ "modem", "set-primary-sim-slot", 0, "SLOT", "Chooses the SIM slot" },
	{ "modem", "get-cell-info", 0, NULL, "Shows the cells in sight" },
	{ "modem", "inhibit", 0, NULL, "Keeps the daemon off the modem until Ctrl+C" },
	{ "3gpp", "3gpp-scan", 0, NULL, "Looks for networks" },
	{ "3gpp", "3gpp-register-home", 0, NULL, "Registers where the modem likes best" },
	{ "3gpp", "3gpp-register-in-operator", 0, "MCCMNC", "Registers with an operator" },
	{ "3gpp", "3gpp-set-eps-ue-mode-operation", 0, "ps-1|ps-2|csps-1|csps-2",
	  "Sets the mode of TS 24.301" },
	{ "3gpp", "3gpp-set-initial-eps-bearer-settings", 0, "KEY=VALUE,...",
	  "Sets what the modem attaches with" },
	{ "3gpp", "3gpp-disable-facility-lock", 0, "FACILITY,KEY", "Takes a personalisation away" },
	{ "3gpp", "3gpp-set-packet-service-state", 0, "attached|detached",
	  "Attaches to packet service, or detaches" },
	{ "3gpp", "3gpp-set-nr5g-registration-settings", 0, "KEY=VALUE,...",
	  "Sets how it registers in 5G" },
	{ "3gpp", "3gpp-set-carrier-lock", 0, "DATA",
	  "Gives the modem an operator's signed lock, in hexadecimal" },
	{ "3gpp-profile-manager", "3gpp-profile-manager-status", 0, NULL,
	  "Shows what can be done with profiles" },
	{ "3gpp-profile-manager", "3gpp-profile-manager-list", 0, NULL,
	  "Lists the profiles in the modem" },
	{ "3gpp-profile-manager", "3gpp-profile-manager-set", 0, "KEY=VALUE,...",
	  "Makes or changes a profile" },
	{ "3gpp-profile-manager", "3gpp-profile-manager-delete", 0, "KEY=VALUE,...",
	  "Removes a profile" },
	{ "3gpp-ussd", "3gpp-ussd-status", 0, NULL, "Shows the session, if there is one" },
	{ "3gpp-ussd", "3gpp-ussd-initiate", 0, "COMMAND", "Begins a session" },
	{ "3gpp-ussd", "3gpp-ussd-respond", 0, "RESPONSE", "Answers the network" },
	{ "3gpp-ussd", "3gpp-ussd-cancel", 0, NULL, "Ends the session" },
	{ "cdma", "cdma-activate", 0, "CARRIER", "Provisions the modem over the air" },
	{ "cdma", "cdma-activate-manual", 0, "KEY=VALUE,...",
	  "Provisions the modem with these settings" },
	{ "cdma", "cdma-activate-manual-with-prl", 0, "PATH",
	  "Gives it this list of roaming, too" },
	{ "simple", "simple-connect", 0, "KEY=VALUE,...",
	  "Unlocks, enables, registers and connects" },
	{ "simple", "simple-disconnect", 0, NULL, "Disconnects all bearers" },
	{ "simple", "simple-status", 0, NULL, "Shows the state in short" },
	{ "location", "location-status", 0, NULL, "Shows which sources are on" },
	{ "location", "location-get", 0, NULL, "Shows what the sources know" },
	{ "location", "location-monitor", 0, NULL,
	  "Shows what the sources know, whenever it changes" },
	{ "location", "location-enable-3gpp", 0, NULL, "Turns the cell's position on" },
	{ "location", "location-disable-3gpp", 0, NULL, "Turns the cell's position off" },
	{ "location", "location-enable-agps-msa", 0, NULL, "Turns A-GPS by the network on" },
	{ "location", "location-disable-agps-msa", 0, NULL, "Turns A-GPS by the network off" },
	{ "location", "location-enable-agps-msb", 0, NULL, "Turns A-GPS by the modem on" },
	{ "location", "location-disable-agps-msb", 0, NULL, "Turns A-GPS by the modem off" },
	{ "location", "location-enable-gps-nmea", 0, NULL, "Turns sentences of NMEA on" },
	{ "location", "location-disable-gps-nmea", 0, NULL, "Turns sentences of NMEA off" },
	{ "location", "location-enable-gps-raw", 0, NULL, "Turns the position by satellites on" },
	{ "location", "location-disable-gps-raw", 0, NULL, "Turns the position by satellites off" },
	{ "location", "location-enable-cdma-bs", 0, NULL, "Turns the CDMA base station on" },
	{ "location", "location-disable-cdma-bs", 0, NULL, "Turns the CDMA base station off" },
	{ "location", "location-enable-gps-unmanaged", 0, NULL,
	  "Turns GPS that another program reads on" },
	{ "location", "location-disable-gps-unmanaged", 0, NULL,
	  "Turns GPS that another program reads off" },
	{ "location", "location-set-supl-server", 0, "IP:PORT|FQDN:PORT",
	  "Sets the server of A-GPS" },
	{ "location", "location-inject-assistance-data", 0, "PATH",
	  "Gives the receiver data about satellites" },
	{ "location", "location-set-gps-refresh-rate", 0, "SECONDS",
	  "Sets the time between two positions" },
	{ "location", "location-set-enable-signal", 0, NULL, "Has the position told on the bus" },
	{ "location", "location-set-disable-signal", 0, NULL, "Has it not told" },
	{ "messaging", "messaging-status", 0, NULL, "Shows where messages can be kept" },
	{ "messaging", "messaging-list-sms", 0, NULL, "Lists the messages" },
	{ "messaging", "messaging-create-sms", 0, "KEY=VALUE,...", "Makes a message" },
	{ "messaging", "messaging-create-sms-with-data", 0, "PATH",
	  "Takes the data of the message from a file" },
	{ "messaging", "messaging-create-sms-with-text", 0, "PATH",
	  "Takes the text of the message from a file" },
	{ "messaging", "messaging-delete-sms", 0, "PATH|INDEX", "Removes a message" },
	{ "messaging", "set-default-storage", 0, "STORAGE", "Chooses where messages are kept" },
	{ "cell-broadcast", "cell-broadcast-status", 0, NULL,
	  "Shows the channels that are listened to" },
	{ "cell-broadcast", "cell-broadcast-list-cbm", 0, NULL, "Lists the messages" },
	{ "cell-broadcast", "cell-broadcast-delete-cbm", 0, "PATH|INDEX", "Removes a message" },
	{ "cell-broadcast", "cell-broadcast-set-channels", 0, "FIRST-LAST,...",
	  "Chooses the channels" },
	{ "voice", "voice-status", 0, NULL, "Shows whether calls can be made" },
	{ "voice", "voice-list-calls", 0, NULL, "Lists the calls" },
	{ "voice", "voice-create-call", 0, "KEY=VALUE,...",
	  "Makes a call, which is not dialled yet" },
	{ "voice", "voice-delete-call", 0, "PATH|INDEX", "Removes a call" },
	{ "voice", "voice-hold-and-accept", 0, NULL, "Holds what is active, takes what waits" },
	{ "voice", "voice-hangup-and-accept", 0, NULL, "Ends what is active, takes what waits" },
	{ "voice", "voice-hangup-all", 0, NULL, "Ends all calls" },
	{ "voice", "voice-transfer", 0, NULL, "Connects the two others" },
	{ "voice", "voice-enable-call-waiting", 0, NULL, "Turns call waiting on" },
	{ "voice", "voice-disable-call-waiting", 0, NULL, "Turns call waiting off" },
	{ "voice", "voice-query-call-waiting", 0, NULL, "Shows whether it is on" },
	{ "time", "time", 0, NULL, "Shows the network's time" },
	{ "firmware", "firmware-status", 0, NULL, "Shows how firmware is updated" },
	{ "firmware", "firmware-list", 0, NULL, "Lists the images in the modem" },
	{ "firmware", "firmware-select", 0, "ID", "Chooses an image" },
	{ "sar", "sar-status", 0, NULL, "Shows whether power is limited" },
	{ "sar", "sar-enable", 0, NULL, "Turns the limits on" },
	{ "sar", "sar-disable", 0, NULL, "Turns the limits off" },
	{ "sar", "sar-set-power-level", 0, "LEVEL", "Chooses the table of limits" },
	{ "signal", "signal-setup", 0, "SECONDS", "Has values asked so often" },
	{ "signal", "signal-setup-thresholds", 0, "KEY=VALUE,...",
	  "Has the modem tell when values change by so much" },
	{ "signal", "signal-get", 0, NULL, "Shows the values of each radio" },
	{ "oma", "oma-status", 0, NULL, "Shows features and sessions" },
	{ "oma", "oma-setup", 0, "FEATURE|...", "Turns features on" },
	{ "oma", "oma-start-client-initiated-session", 0, "TYPE", "Begins a session" },
	{ "oma", "oma-accept-network-initiated-session", 0, "ID",
	  "Takes a session of the network" },
	{ "oma", "oma-reject-network-initiated-session", 0, "ID", "Refuses it" },
	{ "oma", "oma-cancel-session", 0, NULL, "Ends the session" },
	{ "sim", "pin", 0, "PIN", "Unlocks the SIM; or the PIN for what follows" },
	{ "sim", "puk", 0, "PUK", "Unblocks the SIM, and sets the PIN given by --pin" },
	{ "sim", "enable-pin", 0, NULL, "Has the SIM ask for the PIN" },
	{ "sim", "disable-pin", 0, NULL, "Has it not ask" },
	{ "sim", "change-pin", 0, "PIN", "Sets a new PIN" },
	{ "sim", "sim-set-preferred-networks", 0, "MCCMNC[,RADIO],...",
	  "Writes the list of preferred networks" },
	{ "bearer", "connect", 'c', NULL, "Connects a bearer" },
	{ "bearer", "disconnect", 'x', NULL, "Disconnects a bearer" },
	{ "sms", "send", 0, NULL, "Sends a message" },
	{ "sms", "store", 0, NULL, "Stores it in the default storage" },
	{ "sms", "store-in-storage", 0, "STORAGE", "Stores it there" },
	{ "sms", "create-file-with-data", 0, "PATH", "Writes its data to a file" },
	{ "call", "start", 0, NULL, "Dials" },
	{ "call", "accept", 0, NULL, "Takes the call" },
	{ "call", "deflect", 0, "NUMBER", "Sends the call on" },
	{ "call", "join-multiparty", 0, NULL, "Joins it with the active one" },
	{ "call", "leave-multiparty", 0, NULL, "Talks to it alone" },
	{ "call", "hangup", 0, NULL, "Ends it" },
	{ "call", "send-dtmf", 0, "TONES", "Sends tones" },
	{ "test", "test-session", 0, NULL, "Uses the session bus" },
};

#define COUNT (sizeof(rows) / sizeof(rows[0]))
_Static_assert(COUNT <= OPTIONS_MAX, "more options than struct options holds");

/* The groups in the order of the help, the first without a name. */
static const struct group {
	const char *name, *title;
} groups[] = {
	{ "", "Application options" },
	{ "manager", "Manager options" },
	{ "common", "Common options" },
	{ "modem", "Modem options" },
	{ "3gpp", "3GPP options" },
	{ "3gpp-profile-manager", "3GPP profile management options" },
	{ "3gpp-ussd", "3GPP USSD options" },
	{ "cdma", "CDMA options" },
	{ "simple", "Simple options" },
	{ "location", "Location options" },
	{ "messaging", "Messaging options" },
	{ "cell-broadcast", "Cell broadcast options" },
	{ "voice", "Voice options" },
	{ "time", "Time options" },
	{ "firmware", "Firmware options" },
	{ "sar", "SAR options" },
	{ "signal", "Signal options" },
	{ "oma", "OMA options" },
	{ "sim", "SIM options" },
	{ "bearer", "Bearer options" },
	{ "sms", "SMS options" },
	{ "call", "Call options" },
	{ "test", "Test options" },
};

static void print_group(const struct group *group)
{
	printf("\n%s:\n", group->title);
	for (const struct row *row = rows; row < rows + COUNT; row++) {
		char left[80], letter[8] = "";

		if (strcmp(row->group, group->name) != 0)
			continue;
		if (row->letter)
			snprintf(letter, sizeof(letter), "-%c, ", row->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, row->name,
			 row->argument ? "=" : "", row->argument ? row->argument : "");
		printf("  %-44s %s\n", left, row->help);
	}
}

/* `which` is NULL for the short help, "all", or the name of a group. */
static int print_help(const char *which)
{
	bool found = false;

	printf("Usage:\n  mmcli [OPTION...]\n\nShows and controls the modems of the ModemManager daemon.\n");
	if (!which)
		printf("\nHelp options:\n  -h, --help\n  --help-all\n");
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		const struct group *group = &groups[i];

		if (!which && group->name[0])
			printf("  --help-%s\n", group->name);
		if (which && (strcmp(which, "all") == 0 || strcmp(which, group->name) == 0)) {
			print_group(group);
			found = true;
		}
	}
	if (!which)
		print_group(&groups[0]);
	if (which && !found)
		fprintf(stderr, "error: there is no help on '%s'\n", which);
	return which && !found ? -EINVAL : 1;
}

static const struct row *find_name(const char *name, size_t length)
{
	for (const struct row *row = rows; row < rows + COUNT; row++)
		if (strncmp(row->name, name, length) == 0 && !row->name[length])
			return row;
	return NULL;
}

static const struct row *find_letter(char letter)
{
	for (const struct row *row = rows; row < rows + COUNT; row++)
		if (row->letter == letter)
			return row;
	return NULL;
}

struct words {
	char **next, **end;
};

/* Sets an option; `attached` is what stands with it, or NULL. */
static int set(struct options *options, const struct row *row, const char *attached,
	       struct words *words)
{
	if (row->argument && !attached) {
		if (words->next == words->end) {
			fprintf(stderr, "error: --%s needs a value: %s\n", row->name,
				row->argument);
			return -EINVAL;
		}
		attached = *words->next++;
	} else if (!row->argument && attached) {
		fprintf(stderr, "error: --%s takes no value\n", row->name);
		return -EINVAL;
	}
	options->value[row - rows] = attached ? attached : "";
	return 0;
}

static int unknown(const char *word)
{
	fprintf(stderr, "error: there is no option %s; see mmcli --help-all\n", word);
	return -EINVAL;
}

static int parse_long(struct options *options, const char *word, struct words *words)
{
	const char *name = word + 2, *value = strchr(name, '=');
	const struct row *row = find_name(name, value ? (size_t)(value - name) : strlen(name));

	if (strcmp(name, "help") == 0)
		return print_help(NULL);
	if (strncmp(name, "help-", 5) == 0)
		return print_help(name + 5);
	return row ? set(options, row, value ? value + 1 : NULL, words) : unknown(word);
}

/* Letters, of which the last may have a value: -Km0 */
static int parse_letters(struct options *options, const char *word, struct words *words)
{
	int r = 0;

	for (const char *letter = word + 1; *letter && r == 0; letter++) {
		const struct row *row = find_letter(*letter);

		if (*letter == 'h')
			return print_help(NULL);
		if (!row)
			return unknown(word);
		if (row->argument)
			return set(options, row, letter[1] ? letter + 1 : NULL, words);
		r = set(options, row, NULL, words);
	}
	return r;
}

int options_parse(struct options *options, int argc, char **argv)
{
	struct words words = { argv + 1, argv + argc };
	int r = 0;

	while (r == 0 && words.next < words.end) {
		const char *word = *words.next++;

		if (strncmp(word, "--", 2) == 0 && word[2])
			r = parse_long(options, word, &words);
		else if (word[0] == '-' && word[1])
			r = parse_letters(options, word, &words);
		else
			r = unknown(word);
	}
	return r;
}

const char *options_value(const struct options *options, const char *name)
{
	const struct row *row = find_name(name, strlen(name));

	return row ? options->value[row - rows] : NULL;
}

int options_number(const struct options *options, const char *name, int otherwise, int *ret)
{
	const char *text = options_value(options, name);
	char *end;
	long number;

	if (!text) {
		*ret = otherwise;
		return 0;
	}
	errno = 0;
	number = strtol(text, &end, 0);
	if (end == text || *end || errno || number < 0 || number > INT_MAX / 1000) {
		fprintf(stderr, "error: --%s takes a whole number, not '%s'\n", name, text);
		return -EINVAL;
	}
	*ret = (int)number;
	return 0;
}
