using namespace System.Collections.Generic
using namespace System.Reflection
using namespace System.Reflection.Emit
using namespace System.Text.Json

# A service gains fields over time, and what a class does not declare must be as good as what it does: readable by its
# name, in its place behind the known ones, in tables, files and JSON, from every runspace, and only on the tokens that
# have it. So tokens that came with further fields are read once more, into a class that declares these too. Such a
# class has data and no code of its own: names of the service become names of properties and never script. (One
# note property per object costs ten times the list itself; a script property is one of a type, not of an object, and
# one of this runspace.)

[NoRunspaceAffinity()]
class Shape {
    # The classes made so far in all runspaces, by the declared one and the further fields.
    hidden static [System.Collections.Concurrent.ConcurrentDictionary[string, type]]$Made =
        [System.Collections.Concurrent.ConcurrentDictionary[string, type]]::new([StringComparer]::Ordinal)
    # A service has few. What else claims to have more gets note properties, see SentReply.Record.
    hidden static [int]$Most = 50

    hidden static [object] OwnerOf([SailPatRecord]$record) {
        $property = $record.GetType().GetProperty('owner')
        if ($null -eq $property) { return $null }
        return $property.GetValue($record)
    }

    # The further fields that can be properties. Of two that differ in their case only it is the first; $r['Name'] still
    # reads the other.
    hidden static [string[]] Names([object]$record) {
        if ($record -isnot [SailPatRecord] -or $null -eq $record.extra) { return @() }
        $names = [List[string]]::new()
        foreach ($name in $record.extra.get_Keys()) {
            if (-not [FieldName]::CanBeMember($record.GetType(), $name)) { continue }
            if ($names.FindIndex({ [string]::Equals($args[0], $name, [StringComparison]::OrdinalIgnoreCase) }) -ge 0) { continue }
            $names.Add($name)
        }
        return $names.ToArray()
    }

    # The class for a record and those with the same fields; null when there are too many already, or when none of
    # the fields can be a property.
    hidden static [type] Of([SailPatRecord]$record, [bool]$isAny) {
        $names, $ofOwner = [Shape]::Names($record), [Shape]::Names([Shape]::OwnerOf($record))
        if ($names.Count -eq 0 -and $ofOwner.Count -eq 0) { return $null }
        $kind = ("$isAny $($record.GetType().Name) $([JsonSerializer]::Serialize($names, [string[]])) " +
            "$([JsonSerializer]::Serialize($ofOwner, [string[]]))")
        $known = $null
        if ([Shape]::Made.TryGetValue($kind, [ref]$known)) { return $known }
        if ([Shape]::Made.Count -ge [Shape]::Most) { return $null }
        # Of two that are made at once one stays.
        return [Shape]::Made.GetOrAdd($kind, [Shape]::Build($record, $isAny))
    }

    hidden static [type] Build([SailPatRecord]$record, [bool]$isAny) {
        $declared = $record.GetType()
        $builder = [Shape]::Begin($declared)
        foreach ($property in $declared.GetProperties([BindingFlags]'Public, Instance, DeclaredOnly')) {
            $type = $property.PropertyType
            if ($property.Name -ceq 'owner') {
                $owner = [Shape]::OwnerOf($record)
                if ([Shape]::Names($owner).Count) { $type = [Shape]::Build($owner, $isAny) }
            }
            [Shape]::Define($builder, $property.Name, $type)
        }
        foreach ($name in [Shape]::Names($record)) {
            [Shape]::Define($builder, $name, $(if ($isAny) { [object] } else { [Shape]::TypeOf($record.extra[$name]) }))
        }
        return $builder.CreateType()
    }

    # What there is of a declared class is copied and not inherited, because inherited members come last. It is called the
    # same, so that views and scripts know it; two of a name take two assemblies.
    hidden static [TypeBuilder] Begin([type]$declared) {
        $assembly = [AssemblyBuilder]::DefineDynamicAssembly([AssemblyName]::new('SailPat.Shapes'), [AssemblyBuilderAccess]::RunAndCollect)
        return $assembly.DefineDynamicModule('SailPat.Shapes').DefineType($declared.Name, [TypeAttributes]'Public, Class',
            $declared.BaseType)
    }

    hidden static [void] Define([TypeBuilder]$builder, [string]$name, [type]$type) {
        $field = $builder.DefineField("_$name", $type, [FieldAttributes]::Private)
        $access = [MethodAttributes]'Public, SpecialName, HideBySig'
        $get = $builder.DefineMethod("get_$name", $access, $type, [type]::EmptyTypes)
        $code = $get.GetILGenerator()
        $code.Emit([OpCodes]::Ldarg_0)
        $code.Emit([OpCodes]::Ldfld, $field)
        $code.Emit([OpCodes]::Ret)
        $set = $builder.DefineMethod("set_$name", $access, [void], [type[]]@($type))
        $code = $set.GetILGenerator()
        $code.Emit([OpCodes]::Ldarg_0)
        $code.Emit([OpCodes]::Ldarg_1)
        $code.Emit([OpCodes]::Stfld, $field)
        $code.Emit([OpCodes]::Ret)
        $property = $builder.DefineProperty($name, [PropertyAttributes]::None, $type, [type]::EmptyTypes)
        $property.SetGetMethod($get)
        $property.SetSetMethod($set)
    }

    # The type for values like this one. Where another one does not fit, all of them become objects (see Read).
    hidden static [type] TypeOf([JsonElement]$value) {
        switch ($value.ValueKind) {
            'String' { return [string] }
            'True' { return [Nullable[bool]] }
            'False' { return [Nullable[bool]] }
            'Number' {
                $whole = 0L
                return $(if ($value.TryGetInt64([ref]$whole)) { [Nullable[long]] } else { [object] })
            }
        }
        return [object]
    }

    # An element, or an array of such with the same fields, as a class that declares all of them. $sample is one of them
    # as it was read before. Null when there is no such class.
    static [object] Read([object]$element, [SailPatRecord]$sample, [JsonSerializerOptions]$options) {
        foreach ($isAny in $false, $true) {
            $type = [Shape]::Of($sample, $isAny)
            if ($null -eq $type) { return $null }
            try {
                $read = [JsonSerializer]::Deserialize($element,
                    $(if ($element.ValueKind -eq [JsonValueKind]::Array) { $type.MakeArrayType() } else { $type }), $options)
                [Shape]::Settle($read, $type)
                return $read
            }
            catch {
                if ($isAny) { throw }
                [Caller]::Forget($_)
            }
        }
        return $null
    }

    # Values of no certain type are JSON as they were read: they become what PowerShell would hold.
    hidden static [void] Settle([object]$records, [type]$type) {
        $loose = [Shape]::LooseOf($type)
        $owner = $type.GetProperty('owner')
        $ofOwner = if ($null -ne $owner) { [Shape]::LooseOf($owner.PropertyType) }
        if ($loose) { foreach ($record in $records) { foreach ($property in $loose) { [Shape]::Plain($property, $record) } } }
        if ($ofOwner) {
            foreach ($record in $records) { foreach ($property in $ofOwner) { [Shape]::Plain($property, $owner.GetValue($record)) } }
        }
    }

    hidden static [PropertyInfo[]] LooseOf([type]$type) {
        $loose = [List[PropertyInfo]]::new()
        foreach ($property in $type.GetProperties()) { if ($property.PropertyType -eq [object]) { $loose.Add($property) } }
        return $loose.ToArray()
    }

    hidden static [void] Plain([PropertyInfo]$property, [object]$record) {
        if ($null -eq $record -or $null -eq $property.GetValue($record)) { return }
        $property.SetValue($record, [SailPatRecord]::Plain($property.GetValue($record)))
    }
}
