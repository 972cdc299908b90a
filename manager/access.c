/*
 * Access: two questions on the bus at most, one after the other: to the bus who calls, to polkit whether he may.
 */
#include "access.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "api/api-names.h"

/* Somebody may be typing a password. */
enum { POLKIT_USEC = 300000000, BUS_USEC = 25000000, ALLOW_USER_INTERACTION = 1 };

/* The group of serial ports in Debian and most others. */
#define DEFAULT_GROUP "dialout"

/* What access a method takes, as api/ calls it, and what polkit calls it. What concerns the daemon, or could make a
 * modem unusable, is not for a group. */
static const struct action {
	const char *access, *name;
	bool for_group;
} actions[] = {
	{ "control", "org.freedesktop.ModemManager1.Control", false },
	{ "device-control", "org.freedesktop.ModemManager1.Device.Control", true },
	{ "contacts", "org.freedesktop.ModemManager1.Contacts", true },
	{ "messaging", "org.freedesktop.ModemManager1.Messaging", true },
	{ "voice", "org.freedesktop.ModemManager1.Voice", true },
	{ "time", "org.freedesktop.ModemManager1.Time", true },
	{ "location", "org.freedesktop.ModemManager1.Location", true },
	{ "ussd", "org.freedesktop.ModemManager1.USSD", true },
	{ "firmware", "org.freedesktop.ModemManager1.Firmware", false },
	{ "cell-broadcast", "org.freedesktop.ModemManager1.CellBroadcast", true },
};

/* A call that waits. */
struct access_question {
	struct access *access;
	struct api_call *call;
	sd_bus_slot *slot;
	bool in_group;
	struct access_question *prev, *next;
};

int access_open(struct access *access, sd_bus *bus, const struct log *log, const char *group)
{
	const struct group *found = getgrnam(group ? group : DEFAULT_GROUP);

	*access = (struct access){ .bus = bus, .log = log, .group = (gid_t)-1 };
	if (found)
		access->group = found->gr_gid;
	return found || !group ? 0 : -ENOENT;
}

static void question_free(struct access_question *question)
{
	DL_DELETE(question->access->questions, question);
	sd_bus_slot_unref(question->slot);
	free(question);
}

void access_close(struct access *access)
{
	while (access->questions) {
		struct api_call *call = access->questions->call;

		question_free(access->questions);
		api_call_error(call, MM_CORE_ERROR_ABORTED, "the daemon ends");
	}
}

static void refuse(struct access_question *question, const char *name, const char *why,
		   const char *more)
{
	struct api_call *call = question->call;

	question_free(question);
	api_call_error(call, name, "PolicyKit authorization failed: %s'%s'", why, more);
}

static void grant(struct access_question *question)
{
	struct api_call *call = question->call;

	question_free(question);
	api_call_run(call);
}

/* What nobody named is guarded as what is guarded most. */
static const struct action *action_of(const struct access_question *question)
{
	const char *access = api_call_method(question->call)->access;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(actions[i].access, access) == 0)
			return &actions[i];
	return &actions[0];
}

static void refuse_action(struct access_question *question, const char *why)
{
	const char *action = action_of(question)->name;

	log_line(question->access->log, LOG_INFO, NULL, "%s was refused: %s%s",
		 api_call_method(question->call)->name, why, action);
	refuse(question, MM_CORE_ERROR_UNAUTHORIZED, why, action);
}

static void judge_by_group(struct access_question *question)
{
	if (question->in_group && action_of(question)->for_group)
		grant(question);
	else
		refuse_action(question, "not authorized for ");
}

/* Whether the bus says that there is no polkit, and none that could be started. */
static bool is_absent(const sd_bus_error *error)
{
	return sd_bus_error_has_name(error, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
	       sd_bus_error_has_name(error, SD_BUS_ERROR_NAME_HAS_NO_OWNER);
}

static int on_judgement(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
	struct access_question *question = userdata;
	const sd_bus_error *error = sd_bus_message_get_error(message);
	int authorized = 0, challenge = 0;

	(void)ret_error;
	if (error && is_absent(error))
		judge_by_group(question);
	else if (error)
		refuse(question, MM_CORE_ERROR_FAILED, "", error->message ? error->message : "");
	else if (sd_bus_message_enter_container(message, 'r', "bba{ss}") <= 0 ||
		 sd_bus_message_read(message, "bb", &authorized, &challenge) < 0)
		refuse(question, MM_CORE_ERROR_FAILED, "", "polkit's answer makes no sense");
	else if (authorized)
		grant(question);
	else
		refuse_action(question,
			      challenge ? "challenge needed for " : "not authorized for ");
	return 0;
}

static int ask_polkit(struct access_question *question, const char *sender)
{
	sd_bus_message *ask = NULL;
	int r = sd_bus_message_new_method_call(
		question->access->bus, &ask, "org.freedesktop.PolicyKit1",
		"/org/freedesktop/PolicyKit1/Authority", "org.freedesktop.PolicyKit1.Authority",
		"CheckAuthorization");

	if (r >= 0)
		r = sd_bus_message_append(ask, "(sa{sv})sa{ss}us", "system-bus-name", 1, "name",
					  "s", sender, action_of(question)->name, 0,
					  ALLOW_USER_INTERACTION, "");
	question->slot = sd_bus_slot_unref(question->slot);
	if (r >= 0)
		r = sd_bus_call_async(question->access->bus, &question->slot, ask, on_judgement,
				      question, POLKIT_USEC);
	sd_bus_message_unref(ask);
	return r;
}

/* Reads the ids that count; both are left alone where the bus does not tell them. */
static int read_group(sd_bus_message *message, gid_t group, bool *ret)
{
	const uint32_t *groups;
	size_t size;
	int r = sd_bus_message_enter_container(message, 'v', "au");

	if (r >= 0)
		r = sd_bus_message_read_array(message, 'u', (const void **)&groups, &size);
	for (size_t i = 0; r >= 0 && i < size / sizeof(*groups); i++)
		*ret = *ret || groups[i] == group;
	return r < 0 ? r : sd_bus_message_exit_container(message);
}

static int read_identity(struct access_question *question, sd_bus_message *message, uid_t *ret_uid)
{
	gid_t group = question->access->group;
	const char *key;
	int r = sd_bus_message_enter_container(message, 'a', "{sv}");

	while (r >= 0 && (r = sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
		r = sd_bus_message_read(message, "s", &key);
		if (r >= 0 && strcmp(key, "UnixUserID") == 0)
			r = sd_bus_message_read(message, "v", "u", ret_uid);
		else if (r >= 0 && strcmp(key, "UnixGroupIDs") == 0 && group != (gid_t)-1)
			r = read_group(message, group, &question->in_group);
		else if (r >= 0)
			r = sd_bus_message_skip(message, "v");
		if (r >= 0)
			r = sd_bus_message_exit_container(message);
	}
	return r;
}

static int on_identity(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
	struct access_question *question = userdata;
	const sd_bus_message *asked = api_call_message(question->call);
	uid_t uid = (uid_t)-1;

	(void)ret_error;
	if (!asked || sd_bus_message_is_method_error(message, NULL) ||
	    read_identity(question, message, &uid) < 0)
		refuse(question, MM_CORE_ERROR_FAILED, "", "it is not known who calls");
	else if (uid == 0 || uid == geteuid())
		grant(question);
	else if (ask_polkit(question, sd_bus_message_get_sender((sd_bus_message *)asked)) < 0)
		refuse(question, MM_CORE_ERROR_FAILED, "", "polkit cannot be asked");
	return 0;
}

void access_check(struct api_call *call, void *userdata)
{
	struct access *access = userdata;
	struct access_question *question = calloc(1, sizeof(*question));
	sd_bus_message *ask = NULL;
	int r;

	if (!question) {
		api_call_error(call, MM_CORE_ERROR_FAILED, "out of memory");
		return;
	}
	question->access = access;
	question->call = call;
	DL_APPEND(access->questions, question);
	r = sd_bus_message_new_method_call(access->bus, &ask, "org.freedesktop.DBus",
					   "/org/freedesktop/DBus", "org.freedesktop.DBus",
					   "GetConnectionCredentials");
	if (r >= 0)
		r = sd_bus_message_append(ask, "s",
					  sd_bus_message_get_sender(api_call_message(call)));
	if (r >= 0)
		r = sd_bus_call_async(access->bus, &question->slot, ask, on_identity, question,
				      BUS_USEC);
	sd_bus_message_unref(ask);
	if (r < 0)
		refuse(question, MM_CORE_ERROR_FAILED, "", strerror(-r));
}
