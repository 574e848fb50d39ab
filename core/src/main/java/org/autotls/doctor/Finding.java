package org.autotls.doctor;

import static java.util.Objects.requireNonNull;

import org.autotls.Text;

/**
 * One thing that was looked at, and what to do about it. Immutable. What a DNS server or a CA said is escaped.
 *
 * @param severity whether issuing would fail
 * @param check which check it comes from, one word, such as {@code caa}
 * @param about whose it is: a name or address, a CA's directory URL, or a certificate directory
 * @param found what was found, one line
 * @param advice what to do, one line; empty if nothing
 */
public record Finding(Severity severity, String check, String about, String found, String advice) {

    private static final int MAX = 600;

    /** What it means for issuing. */
    public enum Severity {
        /** As it should be. */
        OK,
        /** Issuing may work all the same, or cannot be judged from here. */
        WARNING,
        /** Issuing would fail. */
        PROBLEM
    }

    /** Escapes and cuts the texts. */
    public Finding {
        requireNonNull(severity, "severity");
        requireNonNull(check, "check");
        about = Text.escape(about, MAX);
        found = Text.escape(found, MAX);
        advice = Text.escape(advice, MAX);
    }

    static Finding ok(String check, String about, String found) {
        return new Finding(Severity.OK, check, about, found, "");
    }

    static Finding warning(String check, String about, String found, String advice) {
        return new Finding(Severity.WARNING, check, about, found, advice);
    }

    static Finding problem(String check, String about, String found, String advice) {
        return new Finding(Severity.PROBLEM, check, about, found, advice);
    }
}
