package org.autotls.responder;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.TxtRecord;

/**
 * How a program that changes DNS wants to be called: as other ACME clients call theirs, so that what was written for them
 * works as it is. Everything is given as arguments; no shell reads what a CA or DNS has said.
 */
public enum HookConvention {

    /** lego's {@code exec} provider: {@code PROGRAM present|cleanup NAME. VALUE}. */
    LEGO("lego") {
        @Override
        List<String> command(Path program, boolean add, TxtRecord record) {
            return List.of(program.toString(), add ? "present" : "cleanup", record.name() + ".", record.value());
        }
    },

    /**
     * lego's {@code exec} provider with {@code EXEC_MODE=RAW}: {@code PROGRAM present|cleanup -- DOMAIN TOKEN
     * KEY_AUTHORIZATION}. The program makes name and value itself.
     */
    LEGO_RAW("lego-raw") {
        @Override
        List<String> command(Path program, boolean add, TxtRecord record) {
            return List.of(
                    program.toString(),
                    add ? "present" : "cleanup",
                    "--",
                    domain(this, record),
                    record.challenge().token(),
                    record.challenge().keyAuthorization());
        }
    },

    /** dehydrated's hooks: {@code PROGRAM deploy_challenge|clean_challenge DOMAIN TOKEN VALUE}. */
    DEHYDRATED("dehydrated") {
        @Override
        List<String> command(Path program, boolean add, TxtRecord record) {
            return List.of(
                    program.toString(),
                    add ? "deploy_challenge" : "clean_challenge",
                    domain(this, record),
                    record.challenge().token(),
                    record.value());
        }
    },

    /**
     * acme.sh's {@code dns_*} scripts: the function {@code dns_x_add NAME VALUE} or {@code dns_x_rm NAME VALUE} of the
     * script {@code dns_x.sh}, in a shell that has read the script and, for the functions that it uses, {@code acme.sh}:
     * from the script's directory, the one above it, or {@code ~/.acme.sh}.
     */
    ACME_SH("acme.sh") {
        @Override
        List<String> command(Path program, boolean add, TxtRecord record) {
            String function = String.valueOf(program.getFileName()).replaceFirst("\\.sh$", "") + (add ? "_add" : "_rm");
            if (!function.matches("[A-Za-z_][A-Za-z0-9_]*")) {
                throw new IssueException(
                        Kind.CONFIGURATION,
                        "the hook " + program + ": expected a script named as those of acme.sh are, dns_x.sh");
            }
            return List.of(
                    "/bin/sh",
                    "-c",
                    WRAPPER,
                    "autotls",
                    program.toAbsolutePath().toString(),
                    acmeSh(program),
                    function,
                    record.name(),
                    record.value());
        }
    };

    /**
     * {@code set --} before acme.sh is read: it would take the arguments for its own. Without acme.sh, the functions that
     * the simplest scripts call.
     */
    private static final String WRAPPER = """
            script=$1 acme=$2 function=$3 name=$4 value=$5
            set --
            if [ -n "$acme" ]; then
                LE_WORKING_DIR=${acme%/*}
                . "$acme" >/dev/null
                _initpath
            else
                _info() { printf '%s\\n' "$*"; }
                _err() { printf '%s\\n' "$*" >&2; return 1; }
                _debug() { :; }
                _debug2() { :; }
                _debug3() { :; }
            fi
            . "$script"
            "$function" "$name" "$value"
            """;

    private final String word;

    HookConvention(String word) {
        this.word = word;
    }

    /** The program and its arguments. */
    abstract List<String> command(Path program, boolean add, TxtRecord record);

    /**
     * Returns how the convention is written in configuration.
     *
     * @return {@code lego}, {@code lego-raw}, {@code dehydrated} or {@code acme.sh}
     */
    public String word() {
        return word;
    }

    /**
     * Returns all words, for messages.
     *
     * @return in the order of the constants
     */
    public static List<String> words() {
        return Arrays.stream(values()).map(HookConvention::word).toList();
    }

    /** Two conventions tell the domain only; the program makes the name of it, and cannot know of an alias. */
    private static String domain(HookConvention convention, TxtRecord record) {
        String prefix = "_acme-challenge.";
        if (!record.name().startsWith(prefix)) {
            throw new IssueException(
                    Kind.CONFIGURATION,
                    "the value for " + record.challenge().identifier() + " belongs at " + record.name()
                            + " (by an alias), which a hook of the convention " + convention.word()
                            + " cannot be told; use lego or acme.sh");
        }
        return record.name().substring(prefix.length());
    }

    private static String acmeSh(Path program) {
        Path directory = program.toAbsolutePath().normalize().getParent();
        List<Path> places = new ArrayList<>();
        if (directory != null) {
            places.add(directory.resolve("acme.sh"));
            if (directory.getParent() != null) {
                places.add(directory.getParent().resolve("acme.sh"));
            }
        }
        places.add(Path.of(System.getProperty("user.home", "/"), ".acme.sh", "acme.sh"));
        return places.stream()
                .filter(Files::isRegularFile)
                .map(Path::toString)
                .findFirst()
                .orElse("");
    }
}
