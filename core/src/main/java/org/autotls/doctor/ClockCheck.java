package org.autotls.doctor;

import java.time.Duration;
import org.autotls.acme.CaView;

/** Is our clock right, measured by the CA's? Stateless. */
final class ClockCheck {

    static final String NAME = "clock";

    /** The CA's date has whole seconds, and an answer takes its time. */
    private static final Duration TOLERANCE = Duration.ofSeconds(30);

    /** CAs date certificates back by an hour, so with more a new certificate is not valid yet, or clients refuse it. */
    private static final Duration MOST = Duration.ofHours(1);

    private ClockCheck() {}

    /** Judges. */
    static Finding judge(CaView ca) {
        String about = ca.directory().toString();
        if (ca.clockAhead().isEmpty()) {
            return Finding.ok(NAME, about, "the CA's answers bear no date to compare with");
        }
        Duration ahead = ca.clockAhead().get();
        Duration off = ahead.abs();
        if (off.compareTo(TOLERANCE) <= 0) {
            return Finding.ok(NAME, about, "within " + TOLERANCE.toSeconds() + " s of the CA's");
        }
        String found =
                "this machine's clock is " + shown(off) + (ahead.isNegative() ? " behind" : " ahead of") + " the CA's";
        String advice = "set the clock, and keep it right with NTP (timedatectl set-ntp true)";
        return off.compareTo(MOST) > 0
                ? Finding.problem(NAME, about, found, advice)
                : Finding.warning(NAME, about, found, advice);
    }

    private static String shown(Duration off) {
        if (off.toDays() >= 2) {
            return off.toDays() + " days";
        }
        if (off.toHours() >= 2) {
            return off.toHours() + " hours";
        }
        return off.toMinutes() >= 2 ? off.toMinutes() + " minutes" : off.toSeconds() + " seconds";
    }
}
