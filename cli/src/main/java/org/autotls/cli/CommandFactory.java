package org.autotls.cli;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import picocli.CommandLine;

/** Makes commands: with the terminal for those whose constructor asks for it. */
final class CommandFactory implements CommandLine.IFactory {

    private final Terminal terminal;

    CommandFactory(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (constructor.getParameterCount() == 1 && constructor.getParameterTypes()[0] == Terminal.class) {
                return make(type, constructor);
            }
        }
        return CommandLine.defaultFactory().create(type);
    }

    private <K> K make(Class<K> type, Constructor<?> constructor) throws Exception {
        try {
            return type.cast(constructor.newInstance(terminal));
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("cannot make " + type, e);
        }
    }
}
