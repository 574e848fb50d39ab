package org.autotls;

import java.util.Optional;

/** Registered domains as {@code FakeCaLimits} takes them. */
enum LastTwoLabels implements DomainNames {
    NAMES;

    @Override
    public String toAscii(String text) {
        return DomainNames.NONE.toAscii(text);
    }

    @Override
    public Optional<String> registeredDomain(String name) {
        String[] labels = name.split("\\.", -1);
        return Optional.of(labels.length < 2 ? name : labels[labels.length - 2] + "." + labels[labels.length - 1]);
    }
}
