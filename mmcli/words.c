/* Words: numbers of 3GPP2 C.R1001 (teleservices, service categories) and of the published constants of ModemManager. */
#include "mmcli/words.h"

#define WORDS(name, title) \
	const struct api_values words_##name = { \
		title, \
		false, \
		sizeof(name) / sizeof((name)[0]), \
		name, \
	}

static const struct api_value rm_protocol[] = {
	{ "unknown", 0 },
	{ "async", 1 },
	{ "packet-relay", 2 },
	{ "packet-network-ppp", 3 },
	{ "packet-network-slip", 4 },
	{ "stu-iii", 5 },
};
WORDS(rm_protocol, "modem-cdma-rm-protocol");

static const struct api_value teleservice[] = {
	{ "unknown", 0 },   { "cmt91", 0x1000 }, { "wpt", 0x1001 },
	{ "wmt", 0x1002 },  { "vmn", 0x1003 },   { "wap", 0x1004 },
	{ "wemt", 0x1005 }, { "scpt", 0x1006 },  { "catpt", 0x1007 },
};
WORDS(teleservice, "sms-cdma-teleservice-id");

static const struct api_value service_category[] = {
	{ "unknown", 0 },
	{ "emergency-broadcast", 1 },
	{ "administrative", 2 },
	{ "maintenance", 3 },
	{ "general-news-local", 4 },
	{ "general-news-regional", 5 },
	{ "general-news-national", 6 },
	{ "general-news-international", 7 },
	{ "business-news-local", 8 },
	{ "business-news-regional", 9 },
	{ "business-news-national", 10 },
	{ "business-news-international", 11 },
	{ "sports-news-local", 12 },
	{ "sports-news-regional", 13 },
	{ "sports-news-national", 14 },
	{ "sports-news-international", 15 },
	{ "entertainment-news-local", 16 },
	{ "entertainment-news-regional", 17 },
	{ "entertainment-news-national", 18 },
	{ "entertainment-news-international", 19 },
	{ "local-weather", 20 },
	{ "traffic-report", 21 },
	{ "flight-schedules", 22 },
	{ "restaurants", 23 },
	{ "lodgings", 24 },
	{ "retail-directory", 25 },
	{ "advertisements", 26 },
	{ "stock-quotes", 27 },
	{ "employment", 28 },
	{ "hospitals", 29 },
	{ "technology-news", 30 },
	{ "multicategory", 31 },
	{ "cmas-presidential-alert", 0x1000 },
	{ "cmas-extreme-threat", 0x1001 },
	{ "cmas-severe-threat", 0x1002 },
	{ "cmas-child-abduction-emergency", 0x1003 },
	{ "cmas-test", 0x1004 },
};
WORDS(service_category, "sms-cdma-service-category");

static const struct api_value cdma_registration[] = {
	{ "unknown", 0 },
	{ "registered", 1 },
	{ "home", 2 },
	{ "roaming", 3 },
};
WORDS(cdma_registration, "modem-cdma-registration-state");

static const struct api_value cdma_activation[] = {
	{ "unknown", 0 },    { "not-activated", 1 },
	{ "activating", 2 }, { "partially-activated", 3 },
	{ "activated", 4 },
};
WORDS(cdma_activation, "modem-cdma-activation-state");
