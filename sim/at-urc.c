/*
 * AT URC: unsolicited results. What has changed in the model is told to the port that
 * AT+QURCCFG="urcport" names, in the middle of no response (see at-news.h).
 */
#include "at-news.h"
#include "at-ussd.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_for(const struct qk_at *at, const struct qk_at_port *port)
{
	uint32_t wanted = at->settings[QK_AT_SET_URC_PORT];

	return port->open && (wanted == QK_AT_URC_ALL || (uint32_t)port->role == wanted);
}

/* What does not fit any more is lost, the oldest stays. */
static void hold(struct qk_at_port *port, const char *text, size_t size)
{
	if (size > sizeof(port->held) - port->held_size)
		return;
	memcpy(port->held + port->held_size, text, size);
	port->held_size += size;
}

void qk_at_release_held(struct qk_at_port *port)
{
	qk_at_put(port, port->held, port->held_size);
	port->held_size = 0;
}

static void put_urc(struct qk_at_port *port, const char *text)
{
	char line[QK_AT_SAY_MAX];
	int size = snprintf(line, sizeof(line), "\r\n%s\r\n", text);

	if (size < 0 || (size_t)size >= sizeof(line))
		return;
	if (qk_at_is_busy(port)) {
		hold(port, line, (size_t)size);
		return;
	}
	qk_at_put(port, line, (size_t)size);
	qk_at_flush(port);
}

void qk_at_urc(struct qk_at *at, const char *format, ...)
{
	char text[QK_AT_SAY_MAX];
	va_list arguments;

	va_start(arguments, format);
	int size = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (size < 0 || (size_t)size >= sizeof(text))
		return;
	for (struct qk_at_port *port = at->ports; port; port = port->next)
		if (is_for(at, port))
			put_urc(port, text);
}

/* What is told when something of `changed` has happened. */
static const struct {
	uint32_t changed; /* QK_SIM_CHANGED_*, any of them */
	void (*tell)(struct qk_at *at);
} news[] = {
	{ QK_SIM_CHANGED_BUS, qk_at_bus_news },
	{ QK_SIM_CHANGED_BOOT, qk_at_boot_news },
	{ QK_SIM_CHANGED_CARD, qk_at_card_news },
	{ QK_SIM_CHANGED_REGISTRATION | QK_SIM_CHANGED_SIGNAL | QK_SIM_CHANGED_MODE,
	  qk_at_registration_news },
	{ QK_SIM_CHANGED_REGISTRATION | QK_SIM_CHANGED_SIGNAL | QK_SIM_CHANGED_MODE,
	  qk_at_signal_news },
	{ QK_SIM_CHANGED_TIME, qk_at_time_news },
	{ QK_SIM_CHANGED_DATA, qk_at_data_news },
	{ QK_SIM_CHANGED_SMS, qk_at_sms_news },
	{ QK_SIM_CHANGED_CALLS, qk_at_call_news },
	{ QK_SIM_CHANGED_USSD, qk_at_ussd_news },
};

void qk_at_news(struct qk_at *at, uint32_t changed)
{
	for (size_t i = 0; i < sizeof(news) / sizeof(news[0]); i++)
		if (news[i].changed & changed)
			news[i].tell(at);
}
