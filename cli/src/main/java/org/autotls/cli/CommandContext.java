package org.autotls.cli;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import picocli.CommandLine;

/**
 * What a command finds around it, given to those whose constructor asks for it.
 *
 * @param terminal where words go
 * @param stop how a server learns that it is to stop
 * @param temporary where private directories are made
 */
record CommandContext(Terminal terminal, StopSignal stop, Path temporary) {

    /** Makes commands for picocli. */
    CommandLine.IFactory factory() {
        return new CommandLine.IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                for (Constructor<?> constructor : type.getDeclaredConstructors()) {
                    if (constructor.getParameterCount() == 1
                            && constructor.getParameterTypes()[0] == CommandContext.class) {
                        return type.cast(make(constructor));
                    }
                }
                return CommandLine.defaultFactory().create(type);
            }
        };
    }

    private Object make(Constructor<?> constructor) {
        try {
            return constructor.newInstance(this);
        } catch (InvocationTargetException | InstantiationException | IllegalAccessException e) {
            throw new IllegalStateException("cannot make " + constructor.getDeclaringClass(), e);
        }
    }
}
