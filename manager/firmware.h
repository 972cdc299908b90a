/*
 * Firmware: the interface of that name: what an updater must know to give the modem another firmware. QMI tells of no
 * images on the modems known here, so that nothing can be listed or chosen.
 *
 * Owns: nothing. Does not know: how a modem is updated.
 * Lifetime: the interface's. Called from: at.c, card.c, carrier.c.
 * Source of the names of devices: the published UpdateSettings of ModemManager, which are those of fwupd.
 */
#pragma once

struct modem;

void firmware_add(struct modem *modem);
/* There is an AT port: it is asked by what Quectel's updaters go. */
void firmware_ask(struct modem *modem);
/* Tells the settings again, which hold the names of the device's revision and of the carrier's configuration. */
void firmware_tell(struct modem *modem);
