package org.autotls.doctor;

/** Can the port be had on which challenges are answered? Stateless. */
final class PortCheck {

    static final String NAME = "port";

    private static final String ABOUT = "this machine";

    private PortCheck() {}

    /** Judges. */
    static Finding judge(String type, PortUse use) {
        return switch (use.state()) {
            case OURS -> Finding.ok(NAME, ABOUT, "the one for " + type + " is free, and was opened for this check");
            case UNKNOWN -> Finding.ok(NAME, ABOUT, "the one for " + type + " was not opened for this check");
            case CLOSED ->
                Finding.problem(
                        NAME,
                        ABOUT,
                        type + ": " + use.detail(),
                        "choose another port, or get the right to listen there");
            case TAKEN ->
                Finding.warning(
                        NAME,
                        ABOUT,
                        type + ": " + use.detail(),
                        "fine if that is 'autotls run', 'web' or 'proxy' on this directory; 'autotls issue' needs the port for"
                                + " itself");
        };
    }
}
