package org.autotls.endpoint;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.autotls.Text;
import org.autotls.endpoint.EndpointDescription.Field;

/** Splits an endpoint string into fields, one character after the other. One thread, one use. */
final class EndpointLexer {

    private final String text;
    private final List<Field> fields = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private final StringBuilder current = new StringBuilder();
    private String name = "";
    private boolean keyword;
    private int fieldStart;
    private int valueStart;

    EndpointLexer(String text) {
        this.text = text;
    }

    List<Field> fields() {
        checkCharacters();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
                literal(i);
            } else if (c == ':') {
                endField(i + 1);
            } else if (c == '=' && !keyword) {
                endName(i + 1);
            } else {
                current.append(c);
            }
        }
        endField(text.length() + 1);
        return fields;
    }

    private void checkCharacters() {
        if (text.length() > EndpointDescription.MAX_LENGTH) {
            throw refuse(
                    EndpointDescription.MAX_LENGTH,
                    "expected at most " + EndpointDescription.MAX_LENGTH + " characters, found " + text.length());
        }
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                throw refuse(i, String.format("expected no control character, found U+%04X", (int) text.charAt(i)));
            }
        }
    }

    private void literal(int at) {
        if (at >= text.length()) {
            throw refuse(
                    at - 1, "expected a character after the backslash, found the end; a backslash is written '\\\\'");
        }
        current.append(text.charAt(at));
    }

    private void endName(int next) {
        name = current.toString();
        keyword = true;
        current.setLength(0);
        valueStart = next;
        if (fields.isEmpty()) {
            throw refuse(
                    0, "expected a prefix, such as le, txsni or tcp, found the keyword '" + Text.escape(name) + "'");
        }
        if (name.isEmpty()) {
            throw refuse(fieldStart, "expected a keyword's name before '='; a literal '=' is written '\\='");
        }
        if (!names.add(name)) {
            throw refuse(fieldStart, "expected '" + Text.escape(name) + "' once, found it again");
        }
    }

    private void endField(int next) {
        String value = current.toString();
        if (fields.isEmpty() && value.isEmpty()) {
            throw refuse(0, "expected a prefix, such as le, txsni or tcp, found nothing");
        }
        fields.add(new Field(name, value, valueStart + 1));
        current.setLength(0);
        name = "";
        keyword = false;
        fieldStart = next;
        valueStart = next;
    }

    private EndpointException refuse(int at, String problem) {
        return new EndpointException(text, at + 1, problem);
    }
}
