/*
 * Bus tool: what the tests of the daemon need on a private bus and busctl cannot do.
 *
 *   bus-tool polkit FILE          is polkit: FILE holds yes, no, challenge or never; prints each action it is asked
 *   bus-tool inhibit UID          inhibits a device, says so, and leaves the bus at the end of stdin
 *   bus-tool flood COUNT PATH     calls Enable(true) on a modem COUNT times at once; prints how many got which error
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define NAME "org.freedesktop.ModemManager1"
#define POLKIT "org.freedesktop.PolicyKit1"

static int fail(const char *what, int r)
{
	fprintf(stderr, "bus-tool: %s: %s\n", what, strerror(-r));
	return EXIT_FAILURE;
}

static int on_check(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	const char *action, *path = userdata;
	char answer[16] = "";
	FILE *file = fopen(path, "re");
	int r;

	(void)error;
	if (file) {
		if (!fgets(answer, sizeof(answer), file))
			answer[0] = 0;
		fclose(file);
	}
	answer[strcspn(answer, "\n")] = 0;
	r = sd_bus_message_skip(message, "(sa{sv})");
	if (r >= 0)
		r = sd_bus_message_read(message, "s", &action);
	if (r < 0)
		return r;
	printf("%s\n", action);
	fflush(stdout);
	if (strcmp(answer, "never") == 0)
		return 1;
	return sd_bus_reply_method_return(message, "(bba{ss})", strcmp(answer, "yes") == 0,
					  strcmp(answer, "challenge") == 0, 0);
}

static const sd_bus_vtable authority[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("CheckAuthorization", "(sa{sv})sa{ss}us", "(bba{ss})", on_check,
		      SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END,
};

static int be_polkit(sd_bus *bus, char *path)
{
	int r = sd_bus_add_object_vtable(bus, NULL, "/org/freedesktop/PolicyKit1/Authority",
					 POLKIT ".Authority", authority, path);

	if (r >= 0)
		r = sd_bus_request_name(bus, POLKIT, 0);
	if (r < 0)
		return fail("polkit", r);
	puts("ready");
	fflush(stdout);
	while ((r = sd_bus_process(bus, NULL)) >= 0)
		if (r == 0 && (r = sd_bus_wait(bus, UINT64_MAX)) < 0)
			break;
	return fail("polkit", r);
}

static int inhibit(sd_bus *bus, const char *uid)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	char byte;
	int r = sd_bus_call_method(bus, NAME, "/org/freedesktop/ModemManager1", NAME,
				   "InhibitDevice", &error, NULL, "sb", uid, 1);

	if (r < 0)
		printf("%s\n", error.name);
	else
		puts("inhibited");
	fflush(stdout);
	sd_bus_error_free(&error);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return EXIT_SUCCESS;
}

struct tally {
	long left, good, throttled, other;
};

static int on_reply(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
	const sd_bus_error *error = sd_bus_message_get_error(message);
	struct tally *tally = userdata;

	(void)ret_error;
	tally->left--;
	if (!error)
		tally->good++;
	else if (sd_bus_error_has_name(error, NAME ".Error.Core.Throttled"))
		tally->throttled++;
	else
		tally->other++;
	return 0;
}

static int flood(sd_bus *bus, long count, const char *path)
{
	struct tally tally = { .left = count };
	int r = 0;

	for (long i = 0; r >= 0 && i < count; i++)
		r = sd_bus_call_method_async(bus, NULL, NAME, path, NAME ".Modem", "Enable",
					     on_reply, &tally, "b", 1);
	/* Until nothing comes any more for a while. */
	while (r >= 0 && tally.left > 0) {
		r = sd_bus_process(bus, NULL);
		if (r == 0 && (r = sd_bus_wait(bus, 3000000)) == 0)
			break;
	}
	printf("waiting %ld good %ld throttled %ld other %ld\n", tally.left, tally.good,
	       tally.throttled, tally.other);
	return r < 0 ? fail("flood", r) : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	sd_bus *bus = NULL;
	int r = argc >= 3 ? sd_bus_open_system(&bus) : -EINVAL;

	if (r < 0)
		return fail("it cannot start", r);
	if (strcmp(argv[1], "polkit") == 0)
		return be_polkit(bus, argv[2]);
	if (strcmp(argv[1], "inhibit") == 0)
		return inhibit(bus, argv[2]);
	return argc == 4 ? flood(bus, strtol(argv[2], NULL, 10), argv[3]) : EXIT_FAILURE;
}
