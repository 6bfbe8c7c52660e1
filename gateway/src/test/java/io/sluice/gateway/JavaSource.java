// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** What the compiler's parser sees in Java files: which types are declared and how long the methods are. */
final class JavaSource {

    /** @param place the file and line */
    record Declared(String place, String name) {}

    /** @param lines from the first of its modifiers to its closing brace */
    record Method(String place, String name, long lines) {}

    private final List<Declared> types = new ArrayList<>();
    private final List<Method> methods = new ArrayList<>();

    private JavaSource() {}

    static JavaSource parse(SourceTree tree, List<Path> files) {
        JavaSource source = new JavaSource();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, manager, null, List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(files));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                Path file = Path.of(unit.getSourceFile().toUri());
                source.read(unit, positions, tree.name(file));
            }
            return source;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Declared> types() {
        return types;
    }

    List<Method> methods() {
        return methods;
    }

    private void read(CompilationUnitTree unit, SourcePositions positions, String file) {
        new TreeScanner<Void, Void>() {
            @Override
            public Void visitClass(ClassTree type, Void unused) {
                String name = type.getSimpleName().toString();
                if (!name.isEmpty()) {
                    types.add(new Declared(file + ":" + line(positions.getStartPosition(unit, type)), name));
                }
                return super.visitClass(type, null);
            }

            @Override
            public Void visitMethod(MethodTree method, Void unused) {
                long first = line(positions.getStartPosition(unit, method));
                long last = line(positions.getEndPosition(unit, method));
                methods.add(new Method(file + ":" + first, method.getName().toString(), last - first + 1));
                return super.visitMethod(method, null);
            }

            private long line(long position) {
                return position < 0 ? 0 : unit.getLineMap().getLineNumber(position);
            }
        }.scan(unit, null);
    }
}
